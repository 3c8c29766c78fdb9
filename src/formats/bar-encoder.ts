import type { Bar } from "../core/bar.ts";

/** Whose bars they are: the name in historical_bars, and the name of the timeframe (`1m`, `1h`). */
export interface Series {
  readonly symbol: string;
  readonly timeframe: string;
}

/** Where bytes go: it has taken them when it returns, so that the buffer may be used again. */
export type Sink = (bytes: Uint8Array) => void;

/** Turns bars into the bytes of one file, piece by piece, in the order in which they are added. */
export interface BarEncoder {
  add(series: Series, bars: readonly Bar[]): void;
  /** Hands over what is left, and the end of the file. */
  finish(): void;
}

/** How a file of bars is written. */
export interface EncoderOptions {
  readonly sink: Sink;
  /** Whether rows tell their symbol and timeframe; else the path of the file does. */
  readonly hasSeries: boolean;
}
