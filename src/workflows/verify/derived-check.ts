import { batchBars } from "../../cache/bars.ts";
import { batchesOf, type Batch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { contentHash } from "../../cache/content-hash.ts";
import { staleDays } from "../../cache/derivations.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { keptTimeframes, type KeptTimeframe } from "../../cache/timeframes.ts";
import { dateOfEpochDay, epochDayOf } from "../../core/dates.ts";
import type { Bar } from "../../core/bar.ts";
import { formatCount, plural } from "../../core/format.ts";
import { sameBar } from "../../core/merge-bars.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { timeframeName } from "../../core/timeframes.ts";
import type { RunContext } from "../context.ts";
import { madeBars } from "../aggregate/made-bars.ts";
import type { Findings } from "./findings.ts";
import { readable } from "./readable.ts";
import type { Repairs } from "./repairs.ts";
import type { VerifyScope } from "./scope.ts";
import { Turns } from "./turns.ts";

const LAST_EPOCH_DAY = 1_000_000;

/**
 * Makes the coarser bars of a symbol again in memory and compares them with those that are kept. Days whose minutes have
 * changed since are no fault: the next run makes them.
 */
export async function checkDerived(
  { cache, signal }: RunContext,
  symbol: TrackedSymbol,
  { range }: VerifyScope,
  { findings, repairs }: { readonly findings: Findings; readonly repairs: Repairs },
): Promise<void> {
  const of = { dataset: symbol.dataset, symbol: symbol.symbol, date: null };
  const turns = new Turns(signal);
  const days = readable(findings, { where: "the days of coarser bars", ...of }, () =>
    keptDays(cache, symbol, range),
  );
  for (const { kept, batches } of days ?? []) {
    for (const batch of batches) {
      const place = { dataset: symbol.dataset, symbol: symbol.symbol, date: dateOfEpochDay(batch.epochDay) };
      const detail = readable(findings, { where: "coarser bars", ...place }, () =>
        differenceOf(cache, symbol, batch, kept),
      );
      findings.looked(`${timeframeName(kept.timeframeMinutes)} bars`, batch.barCount);
      await turns.after(batch.barCount);
      if (detail === null || detail === "") continue;
      findings.fault({ kind: "derived-differs", ...place, detail });
      await repairs.makeAgain(batch);
    }
  }
}

/** The batches of each timeframe that is kept which are made from the present minutes. */
function keptDays(
  cache: Cache,
  symbol: TrackedSymbol,
  range: VerifyScope["range"],
): { readonly kept: KeptTimeframe; readonly batches: readonly Batch[] }[] {
  const symbolId = knownSymbolId(cache, symbol);
  if (symbolId === null) return [];
  const [fromEpochDay, toEpochDay] =
    range === null ? [0, LAST_EPOCH_DAY] : [epochDayOf(range.from), epochDayOf(range.to)];
  return keptTimeframes(cache).map((kept) => {
    const span = { symbolId, fromEpochDay, toEpochDay };
    const stale = new Set(staleDays(cache, span, kept.timeframeMinutes, kept.session));
    const batches = batchesOf(cache, symbolId, kept.timeframeMinutes, fromEpochDay, toEpochDay);
    return { kept, batches: batches.filter(({ epochDay }) => !stale.has(epochDay)) };
  });
}

/** In what the bars of a batch are not those that its minutes make; empty if they are. */
function differenceOf(cache: Cache, { dataset }: TrackedSymbol, batch: Batch, kept: KeptTimeframe): string {
  // A run beside us may write both between two looks.
  const [held, made] = cache.db.transaction((): [Bar[], Bar[]] => [
    batchBars(cache, batch),
    madeBars(cache, dataset, batch, kept),
  ])();
  const name = timeframeName(kept.timeframeMinutes);
  if (held.length !== made.length)
    return `${plural(held.length, `${name} bar`)}, ${formatCount(made.length)} by the minutes`;
  const different = made.filter((bar, index) => !isSame(bar, held[index])).length;
  if (different > 0)
    return `${formatCount(different)} of ${plural(made.length, `${name} bar`)} with other values than the minutes make`;
  return batch.contentHash === contentHash(made) ? "" : `${name} bars are not those that were noted`;
}

function isSame(made: Bar, held: Bar | undefined): boolean {
  return held !== undefined && sameBar(held, made);
}
