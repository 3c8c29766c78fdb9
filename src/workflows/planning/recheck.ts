import { addDays, newYorkDate } from "../../core/dates.ts";
import { flatFileDueMs } from "../../core/publication.ts";
import { canHaveBars, sessionDates } from "../../core/session-dates.ts";
import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import type { PlanFacts } from "./facts.ts";

/** The first of the last `days` sessions whose flat file is due at `nowMs`; null for no days. */
export function recheckFrom(dataset: Dataset, nowMs: number, days: number): string | null {
  const { historyStart } = DATASET_FACTS[dataset];
  let first: string | null = null;
  let left = days;
  for (let date = newYorkDate(nowMs); left > 0 && date >= historyStart; date = addDays(date, -1)) {
    if (!canHaveBars(dataset, date) || flatFileDueMs(date) > nowMs) continue;
    first = date;
    left--;
  }
  return first;
}

/**
 * How far back a run looks at days it was not asked for: to the first of those that are listed again (`rechecked`), and
 * of those whose bars are the API's.
 */
export function revisitFrom(from: string, earlier: readonly (string | null)[]): string {
  return earlier.reduce<string>((first, date) => (date !== null && date < first ? date : first), from);
}

/**
 * The dates of a dataset for which the S3 listing can tell something: those that no flat file was read for yet, and
 * those from `recheckedFrom` on, which may have been published anew.
 */
export function datesToList(
  facts: Pick<PlanFacts, "selection" | "from" | "to" | "revisitFrom" | "today" | "batch" | "allTickersRead">,
  dataset: Dataset,
  recheckedFrom: string | null,
): string[] {
  const symbols = facts.selection.symbols.filter((symbol) => symbol.dataset === dataset);
  const isWhole = facts.selection.wholeDatasets.includes(dataset);
  return sessionDates(dataset, facts.revisitFrom, facts.to, facts.today).filter((date) => {
    const isAsked = date >= facts.from;
    const isRechecked = recheckedFrom !== null && date >= recheckedFrom;
    const isWholeRead = facts.allTickersRead(dataset, date, null);
    if (isWhole && (isWholeRead ? isRechecked : isAsked)) return true;
    return symbols.some((symbol) => {
      const batch = facts.batch(symbol, date);
      if (batch === null) return isWholeRead ? isRechecked && isAsked : isAsked;
      return batch.source === "api" || isRechecked;
    });
  });
}
