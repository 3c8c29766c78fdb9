import type { BarEncoder, EncoderOptions } from "./bar-encoder.ts";
import { TextRows } from "./text-rows.ts";

/** Writes bars as JSON Lines: an object a bar, by the names of historical_bars' columns, the timestamp as UTC epoch ms. */
export function jsonlEncoder({ sink, hasSeries }: EncoderOptions): BarEncoder {
  const rows = new TextRows(sink);
  return {
    add({ symbol, timeframe }, bars) {
      const start = hasSeries
        ? `"symbol":${JSON.stringify(symbol)},"timeframe":${JSON.stringify(timeframe)},`
        : "";
      for (const { windowStartMs, open, high, low, close, volume, vwap, transactions } of bars)
        rows.add(
          `{${start}"timestamp":${windowStartMs},"open":${open},"high":${high},"low":${low},"close":${close},` +
            `"volume":${volume},"vwap":${vwap},"trades":${transactions}}\n`,
        );
    },
    finish: () => rows.flush(),
  };
}
