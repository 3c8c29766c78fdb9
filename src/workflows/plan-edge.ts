import type { Patience } from "../massive/flat-files.ts";

/** Where a plan begins among the days that were asked about. */
export interface PlanEdge {
  /** The last date that is refused, as are all before it. */
  readonly refusedTo: string;
  /** The first date that is allowed; null if none of those asked about is. */
  readonly allowedFrom: string | null;
  /** How the vendor puts the refusal. */
  readonly sentence: string;
}

/** Asks for a day: null if it is allowed, else the vendor's words. */
export type AskAccess<T> = (day: T, patience: Patience) => Promise<string | null>;

interface Dated {
  readonly date: string;
}

/**
 * Finds out from which date on the subscription lets us fetch these days of one dataset (oldest first): a plan
 * sees a rolling window of the history, so one small question for the oldest file settles it for most users and
 * a handful finds the edge for the others. Returns null if not even the newest may be fetched.
 */
export async function findEntitledFrom<T extends Dated>(
  days: readonly T[],
  mayFetch: (day: T) => Promise<boolean>,
): Promise<string | null> {
  const [oldest, newest] = [days[0], days.at(-1)];
  if (oldest === undefined || newest === undefined) return null;
  if (await mayFetch(oldest)) return oldest.date;
  if (days.length === 1 || !(await mayFetch(newest))) return null;
  // Invariant: the day at `denied` may not be fetched, the one at `allowed` may.
  let denied = 0;
  let allowed = days.length - 1;
  while (allowed - denied > 1) {
    const middle = (denied + allowed) >> 1;
    const day = days[middle];
    if (day === undefined) break;
    if (await mayFetch(day)) allowed = middle;
    else denied = middle;
  }
  return days[allowed]?.date ?? null;
}

/**
 * The edge of the plan among these days (oldest first); null if all are allowed, or there are none.
 *
 * The vendor's throttle looks like a refusal. Each step is asked only once, and then the last day that was refused
 * again with patience: whatever happened before, it is the edge if that is refused still, for the next day is
 * allowed. If it is not, a throttle misled the search, and what it took for refused is searched with patience.
 * Where all days before were refused too (`expectsRefusal`), nobody doubts that these are.
 */
export async function findEdge<T extends Dated>(
  days: readonly T[],
  ask: AskAccess<T>,
  expectsRefusal = false,
): Promise<PlanEdge | null> {
  let said = "";
  const allowedFrom = await findEntitledFrom(days, async (day) => {
    const sentence = await ask(day, "once");
    said = sentence ?? said;
    return sentence === null;
  });
  const refused = days.filter(isBefore(allowedFrom));
  const last = refused.at(-1);
  if (last === undefined) return null;
  if (expectsRefusal && allowedFrom === null) return { refusedTo: last.date, allowedFrom, sentence: said };
  const sentence = await ask(last, "patient");
  if (sentence !== null) return { refusedTo: last.date, allowedFrom, sentence };
  return findEdgeBefore(last, refused, ask);
}

/** As `findEdge`, of days of which the last is allowed; believes no refusal without patience. */
async function findEdgeBefore<T extends Dated>(
  last: T,
  days: readonly T[],
  ask: AskAccess<T>,
): Promise<PlanEdge | null> {
  const sentences = new Map<string, string>();
  const allowedFrom = await findEntitledFrom(days, async (day) => {
    const sentence = day === last ? null : await ask(day, "patient");
    if (sentence !== null) sentences.set(day.date, sentence);
    return sentence === null;
  });
  const refusedTo = days.findLast(isBefore(allowedFrom))?.date;
  const sentence = refusedTo === undefined ? undefined : sentences.get(refusedTo);
  return refusedTo === undefined || sentence === undefined ? null : { refusedTo, allowedFrom, sentence };
}

function isBefore(from: string | null): (day: Dated) => boolean {
  return ({ date }) => from === null || date < from;
}
