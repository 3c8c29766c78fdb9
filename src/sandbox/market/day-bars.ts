import type { Bar } from "../../core/bar.ts";
import { MINUTE_MS } from "../../core/bar.ts";
import { MAX_DAY_MINUTES } from "./hours.ts";

const MICRO = 1_000_000;

/**
 * The bars of one ticker on one day as columns of integers, so that a row of text and a `Bar` are made from
 * the very same decimal digits, and one object serves for a file of ten thousand tickers.
 */
export class DayBars {
  count = 0;
  startMs = 0;
  /** Prices are in units of 10^-decimals. */
  decimals = 0;
  hasVolume = false;
  readonly minute = new Int32Array(MAX_DAY_MINUTES);
  readonly open = new Int32Array(MAX_DAY_MINUTES);
  readonly high = new Int32Array(MAX_DAY_MINUTES);
  readonly low = new Int32Array(MAX_DAY_MINUTES);
  readonly close = new Int32Array(MAX_DAY_MINUTES);
  readonly volumeWhole = new Int32Array(MAX_DAY_MINUTES);
  /** Fraction of the volume, in millionths. */
  readonly volumeMicro = new Int32Array(MAX_DAY_MINUTES);
  readonly transactions = new Int32Array(MAX_DAY_MINUTES);

  /** Start of bar number `index`, epoch ms. */
  windowStartMs(index: number): number {
    return this.startMs + at(this.minute, index) * MINUTE_MS;
  }

  /** The bars as values; an integer over a power of ten is the double nearest to its decimal text. */
  toBars(): Bar[] {
    return Array.from({ length: this.count }, (_, index) => this.#bar(index));
  }

  #bar(index: number): Bar {
    const scale = 10 ** this.decimals;
    const volume = (at(this.volumeWhole, index) * MICRO + at(this.volumeMicro, index)) / MICRO;
    return {
      windowStartMs: this.windowStartMs(index),
      open: at(this.open, index) / scale,
      high: at(this.high, index) / scale,
      low: at(this.low, index) / scale,
      close: at(this.close, index) / scale,
      volume: this.hasVolume ? volume : null,
      vwap: null,
      transactions: this.hasVolume ? at(this.transactions, index) : null,
    };
  }
}

/** `column[index]`, which the caller knows to exist. */
export function at(column: Int32Array, index: number): number {
  return column[index] ?? 0;
}
