/** A 32-bit hash of `text`: FNV-1a, then the finalizer of MurmurHash3 so that near texts give far numbers. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** A 32-bit hash of two integers. */
export function hashNumbers(first: number, second: number): number {
  return mix(Math.imul(first, 0x9e3779b1) ^ mix(second));
}

function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Repeatable random numbers (the generator mulberry32): the same seed gives the same series everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The next number, in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  }
}

/**
 * Smooth noise in [-1, 1] at `position`: straight lines between random values at the whole numbers. Only sums
 * and products, so every platform computes the same double.
 */
export function valueNoise(seed: number, position: number): number {
  const knot = Math.floor(position);
  const before = knotValue(seed, knot);
  return before + (knotValue(seed, knot + 1) - before) * (position - knot);
}

function knotValue(seed: number, knot: number): number {
  return hashNumbers(seed, knot) / 2_147_483_648 - 1;
}
