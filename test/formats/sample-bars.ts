import type { Bar } from "../../src/core/bar.ts";
import type { BarEncoder, EncoderOptions, Series } from "../../src/formats/bar-encoder.ts";
import { bar, barsFrom } from "../support/bars.ts";

export const SPX: Series = { symbol: "SPX", timeframe: "1m" };
export const ODD: Series = { symbol: 'A"B,C', timeframe: "1h" };

/** 2024-11-22, 09:30 in New York. */
export const OPEN_MS = 1_732_285_800_000;

export const INDEX_BARS: Bar[] = barsFrom(OPEN_MS, [5944.9, 5945.01, 0]);
export const FULL_BARS: Bar[] = [
  bar(OPEN_MS, 1.5, { high: 1e-7, low: -2, volume: 12.25, vwap: 1.4999, transactions: 3 }),
  bar(OPEN_MS + 3_600_000, 9_007_199_254_740_991, { volume: 0, transactions: 9_007_199_254_740_991 }),
];

/** The bytes of a file of both series; or of the index alone where the path says whose bars they are. */
export function encoded(
  encoder: (options: EncoderOptions) => BarEncoder,
  hasSeries: boolean,
): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  const made = encoder({ sink: (bytes) => pieces.push(Uint8Array.from(bytes)), hasSeries });
  if (hasSeries) made.add(ODD, FULL_BARS);
  made.add(SPX, INDEX_BARS);
  made.finish();
  return new Uint8Array(Buffer.concat(pieces));
}

/** A bar as a row of historical_bars. */
export function rowOf({ symbol, timeframe }: Series, values: Bar): Record<string, unknown> {
  const { windowStartMs, open, high, low, close, volume, vwap, transactions } = values;
  return {
    symbol,
    timeframe,
    timestamp: windowStartMs,
    open,
    high,
    low,
    close,
    volume,
    vwap,
    trades: transactions,
  };
}

export const ROWS = [
  ...FULL_BARS.map((each) => rowOf(ODD, each)),
  ...INDEX_BARS.map((each) => rowOf(SPX, each)),
];
