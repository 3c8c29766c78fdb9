import { EVERY_DAY, findEntitlement, rememberEntitlement } from "../cache/entitlements.ts";
import type { BackfillError } from "../core/errors.ts";
import type { TrackedSymbol } from "../core/symbols.ts";
import type { RunContext } from "./context.ts";

/** Remembers that the subscription does not include a ticker, whatever the day. */
export async function noteTickerRefused(
  context: RunContext,
  symbol: TrackedSymbol,
  refusal: BackfillError,
): Promise<void> {
  await rememberEntitlement(context.cache, {
    ...subjectOf(symbol),
    refusedTo: EVERY_DAY,
    allowedFrom: null,
    sentence: refusal.vendorSentence ?? refusal.reason,
    seenAtMs: context.nowMs,
  });
}

/**
 * Remembers that the API refuses days of a ticker up to `refusedTo`, and from where on it allows them (null if that
 * was not seen). What earlier runs have seen is forgotten; what another request of this run has seen counts too.
 */
export async function noteDatesRefused(
  { cache, nowMs }: RunContext,
  symbol: TrackedSymbol,
  edge: { readonly refusedTo: string; readonly allowedFrom: string | null },
  refusal: BackfillError,
): Promise<void> {
  const { refusedTo, allowedFrom } = edge;
  const known = findEntitlement(cache, subjectOf(symbol));
  const sameRun = known?.seenAtMs === nowMs ? known : null;
  if (sameRun?.refusedTo != null && sameRun.refusedTo >= refusedTo) return;
  await rememberEntitlement(cache, {
    ...subjectOf(symbol),
    refusedTo,
    allowedFrom: allowedFrom ?? later(sameRun?.allowedFrom ?? null, refusedTo),
    sentence: refusal.vendorSentence ?? refusal.reason,
    seenAtMs: nowMs,
  });
}

/**
 * The API has answered for days of a ticker, the first of them `date`: a refusal of it that is remembered holds no
 * more. Nothing is written if none is.
 */
export async function noteAllowed(
  { cache, nowMs }: RunContext,
  symbol: TrackedSymbol,
  date: string,
): Promise<void> {
  const known = findEntitlement(cache, subjectOf(symbol));
  if (known?.refusedTo == null || known.refusedTo < date) return;
  await rememberEntitlement(cache, {
    ...subjectOf(symbol),
    refusedTo: null,
    allowedFrom: date,
    sentence: null,
    seenAtMs: nowMs,
  });
}

function subjectOf({ dataset, ticker }: TrackedSymbol) {
  return { source: "api", dataset, ticker } as const;
}

function later(date: string | null, than: string): string | null {
  return date !== null && date > than ? date : null;
}
