import type { BatchKey } from "../../cache/bars.ts";
import type { Batch } from "../../cache/batches.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { plural } from "../../core/format.ts";
import { flatFileDueMs, isFinalAnswer } from "../../core/publication.ts";
import { canHaveBars } from "../../core/session-dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import type { RunContext } from "../context.ts";
import type { Findings } from "./findings.ts";
import { batchesInScope, type VerifyScope } from "./scope.ts";

/** A day of a symbol that was read and changes no more, with or without bars. Years of many symbols are held at once. */
export interface FinalDay {
  readonly symbol: TrackedSymbol;
  readonly date: string;
  readonly key: BatchKey;
}

/** Whose bars are held against the vendor: those of its flat files only, or what the API has given for good too. */
export type WhoseDays = "flatfile" | "any";

type Standing = "compared" | "api" | "unread" | "no day";

/**
 * The days in scope that can be held against the vendor, symbol by symbol and in date order; those left out are told
 * as notes. Days of the API are compared from when the day's flat file is due: until then the vendor corrects its day
 * bar (github.com/polygon-io/issues/issues/151).
 */
export function finalDays(
  { cache, nowMs }: Pick<RunContext, "cache" | "nowMs">,
  scope: VerifyScope,
  whose: WhoseDays,
  findings: Findings,
): FinalDay[] {
  const days: FinalDay[] = [];
  const counts = { compared: 0, api: 0, unread: 0, "no day": 0 };
  for (const symbol of scope.symbols)
    for (const batch of batchesInScope(cache, symbol, scope)?.batches ?? []) {
      const { symbolId, timeframeMinutes, epochDay } = batch;
      const date = dateOfEpochDay(epochDay);
      const standing = standingOf(symbol, date, batch, whose, nowMs);
      counts[standing]++;
      if (standing === "compared") days.push({ symbol, date, key: { symbolId, timeframeMinutes, epochDay } });
    }
  const reason = whose === "any" ? "that may still change" : "whose bars are its own";
  if (counts.api > 0) findings.note(`${plural(counts.api, "day")} from the API left out ${reason}.`);
  if (counts.unread > 0) findings.note(`${plural(counts.unread, "day")} left out, marked as not read.`);
  return days;
}

function standingOf(
  { dataset }: TrackedSymbol,
  date: string,
  batch: Batch,
  whose: WhoseDays,
  nowMs: number,
): Standing {
  if (batch.contentHash === UNREAD_HASH) return "unread";
  if (!canHaveBars(dataset, date) && batch.barCount === 0) return "no day";
  if (batch.source === "flatfile") return "compared";
  const isFinal = isFinalAnswer(dataset, date, batch) && nowMs >= flatFileDueMs(date);
  return isFinal && whose === "any" ? "compared" : "api";
}
