import type { Batch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { plural } from "../../core/format.ts";
import { canHaveBars } from "../../core/session-dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import type { Findings } from "./findings.ts";
import { batchesInScope, type VerifyScope } from "./scope.ts";

/** A day of a symbol whose bars are those of a flat file, or that the flat file has none of. */
export interface FinalDay {
  readonly symbol: TrackedSymbol;
  readonly date: string;
  readonly batch: Batch;
}

/** The days in scope that can be held against the vendor; those that may still change are told as a note. */
export function finalDays(cache: Cache, scope: VerifyScope, findings: Findings): FinalDay[] {
  const days: FinalDay[] = [];
  let provisional = 0;
  for (const symbol of scope.symbols)
    for (const batch of batchesInScope(cache, symbol, scope)?.batches ?? []) {
      const date = dateOfEpochDay(batch.epochDay);
      if (!canHaveBars(symbol.dataset, date) && batch.barCount === 0) continue;
      if (batch.source === "flatfile" && batch.contentHash !== UNREAD_HASH)
        days.push({ symbol, date, batch });
      else provisional++;
    }
  if (provisional > 0)
    findings.note(`${plural(provisional, "day")} from the API left out: their flat files are still to come.`);
  return days;
}
