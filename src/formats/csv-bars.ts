import type { Bar } from "../core/bar.ts";
import type { BarEncoder, EncoderOptions, Series } from "./bar-encoder.ts";
import { SERIES_COLUMNS, VALUE_COLUMNS } from "./columns.ts";
import { TextRows } from "./text-rows.ts";

/**
 * Writes bars as CSV (RFC 4180, lines end with LF): a header with the names of historical_bars' columns, the timestamp as
 * UTC epoch ms, nothing where there is no value. Postgres takes such a file by `\copy … FROM … CSV HEADER`.
 */
export function csvEncoder({ sink, hasSeries }: EncoderOptions): BarEncoder {
  const rows = new TextRows(sink);
  rows.add(`${[...(hasSeries ? SERIES_COLUMNS : []), ...VALUE_COLUMNS].join(",")}\n`);
  return {
    add(series, bars) {
      const start = hasSeries ? seriesFields(series) : "";
      for (const bar of bars) rows.add(`${start}${valueFields(bar)}\n`);
    },
    finish: () => rows.flush(),
  };
}

function seriesFields({ symbol, timeframe }: Series): string {
  return `${quoted(symbol)},${quoted(timeframe)},`;
}

function valueFields({ windowStartMs, open, high, low, close, volume, vwap, transactions }: Bar): string {
  return `${windowStartMs},${open},${high},${low},${close},${volume ?? ""},${vwap ?? ""},${transactions ?? ""}`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
