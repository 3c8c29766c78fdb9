import type { Cache } from "../../src/cache/cache.ts";
import { DayWriter } from "../../src/cache/day-writer.ts";
import type { Bar } from "../../src/core/bar.ts";
import { epochDayOf } from "../../src/core/dates.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { bar } from "../support/bars.ts";
import { TICKERS, type DrawnBars, type WriteStep } from "./sync-steps.ts";

/** Ends a write that shall leave nothing. */
export class Aborted extends Error {}

/** Writes the bars of a step. Call inside `cache.write`. Throws `Aborted` after an aborted one. */
export function writeStep(cache: Cache, { how, date, blocks }: WriteStep): void {
  const source = how === "flatfile" ? "flatfile" : "api";
  const session = sessionOf("crypto", date);
  const writer = new DayWriter(cache, "crypto", date, { source, flatFileId: null, readAtMs: 1000, session });
  if (how === "over")
    for (const [ticker, bars] of new Map(blocks)) writer.putOver(ticker, barsAt(date, bars));
  else for (const [ticker, bars] of blocks) writer.put(ticker, barsAt(date, bars));
  if (how === "flatfile") writer.putAbsent(TICKERS);
  writer.finish();
  if (how === "aborted") throw new Aborted();
}

/** A higher price also has a volume, and an average. */
function barsAt(date: string, bars: DrawnBars): Bar[] {
  return bars.map(([minute, price]) =>
    bar(timestampOf(date, minute), price, {
      ...(price > 1 && { volume: price + 0.25, transactions: price }),
      ...(price > 2 && { vwap: price / 8 }),
    }),
  );
}

/** A minute of a date, epoch ms. */
export function timestampOf(date: string, minute: number): number {
  return epochDayOf(date) * 86_400_000 + minute * 60_000;
}

/** The name of a ticker in the table. */
export function symbolOf(ticker: string): string {
  return trackedSymbol("crypto", ticker).symbol;
}
