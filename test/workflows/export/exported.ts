import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Bar } from "../../../src/core/bar.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import type { Cache } from "../../../src/cache/cache.ts";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import type { ExportOptions } from "../../../src/workflows/export/options.ts";
import { barsFrom } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";

/** An export of everything into a folder of Parquet, but for what `fields` say. */
export function optionsOf(cache: Cache, out: string, fields: Partial<ExportOptions> = {}): ExportOptions {
  return {
    format: "parquet",
    out,
    isFolder: true,
    compression: "zstd",
    isGzip: false,
    timeframes: [1],
    symbols: knownSymbols(cache),
    range: null,
    incremental: false,
    replace: false,
    leanMarket: null,
    ...fields,
  };
}

/** The bars of one day as an index has them: from 09:30 in New York on, in winter. */
export function dayBars(date: string, prices: readonly number[]): Bar[] {
  return barsFrom(Date.parse(`${date}T14:30:00Z`), prices);
}

/** Writes a day of one ticker. */
export async function putDay(
  cache: Cache,
  ticker: string,
  date: string,
  prices: readonly number[],
  dataset: Dataset = "indices",
): Promise<void> {
  await writeDay(cache, { dataset, date, blocks: [[ticker, dayBars(date, prices)]], wanted: [ticker] });
}

/** The files below a folder, each with what changes when it is written again. */
export function traces(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return Object.fromEntries(
    names.flatMap((name) => {
      const facts = lstatSync(join(folder, name), { bigint: true });
      return facts.isFile() ? [[name, `${facts.ino} ${facts.mtimeNs} ${facts.size}`]] : [];
    }),
  );
}

/** The names of files that were written again or are new. */
export function rewritten(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}
