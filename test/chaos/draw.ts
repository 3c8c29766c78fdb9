import { hashNumbers } from "../../src/sandbox/market/random.ts";

/** Random draws that are the same for the same seed. */
export class Draw {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#count += 1;
    return hashNumbers(this.#seed, this.#count) % below;
  }

  /** Whether something happens that happens in so many of a hundred cases. */
  percent(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of a list. */
  oneOf<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}
