import type { Bar } from "../core/bar.ts";
import { dateOfEpochDay } from "../core/dates.ts";
import { mergeBars, sameBar, type MergedBars } from "../core/merge-bars.ts";
import { DATASET_FACTS } from "../core/datasets.ts";
import { sessionHoles } from "../core/session-holes.ts";
import { sessionOf } from "../core/sessions.ts";
import { barsOfOtherDays, batchBars, putBars, removeBars, type BatchKey } from "./bars.ts";
import { findBatch, putBatch, type Batch, type BatchSource } from "./batches.ts";
import type { Cache } from "./cache.ts";
import { contentHash } from "./content-hash.ts";
import { rememberRemovedBars } from "./removed-bars.ts";
import { datasetOf } from "./symbols.ts";

/** What is known of a batch besides its bars. */
export interface BatchOrigin {
  readonly source: BatchSource;
  readonly flatFileId: number | null;
  /** When the source was read, epoch ms. */
  readonly readAtMs: number;
  /** The regular session of the date, epoch ms with the end exclusive; null if there is none. */
  readonly session: { readonly openMs: number; readonly closeMs: number } | null;
  /** Whether every minute of the session has a bar, so that one without is a hole; if it is not said, no. */
  readonly barsEveryMinute?: boolean;
  /** Whether the answer came from a plan whose data is 15 minutes late; if it is not said, it did not. */
  readonly isDelayed?: boolean;
}

/** How a batch differs from what the cache held before. */
export interface BatchChange {
  /** Bars in the batch now. */
  readonly bars: number;
  readonly added: number;
  readonly changed: number;
  /** Bars that it had before and has no more, as they were. */
  readonly removed: readonly Bar[];
}

/**
 * Makes `bars` (in time order, one a minute) the content of a batch. Call inside `cache.write`.
 *
 * The same content again changes nothing but where it came from, so nothing becomes unsynced. Bars that are no
 * longer there leave the cache and are remembered for the targets that were sent them. `before` is the batch as
 * it was when the transaction began; a batch that is written in several pieces passes it with each.
 *
 * A minute that already belongs to another date's batch stays with a flat file and is taken from the API.
 */
export function writeBatch(
  cache: Cache,
  key: BatchKey,
  bars: readonly Bar[],
  origin: BatchOrigin,
  before: Batch | null,
): BatchChange {
  const own = withoutMinutesOfOtherDays(cache, key, bars, origin);
  const hash = contentHash(own);
  const same = before !== null && before.contentHash === hash && before.barCount === own.length;
  const revision = same ? before.revision : (before?.revision ?? 0) + 1;
  const held = findBatch(cache, key);
  const change =
    held?.contentHash === hash && held.barCount === own.length
      ? { bars: own.length, added: 0, changed: 0, removed: [] }
      : replaceBars(cache, key, own, revision);
  putBatch(cache, {
    ...key,
    source: origin.source,
    flatFileId: origin.flatFileId,
    revision,
    contentHash: hash,
    barCount: own.length,
    sessionBarCount: countInside(own, origin.session),
    readAtMs: origin.readAtMs,
    changedAtMs: same ? before.changedAtMs : origin.readAtMs,
    isDelayed: Number(origin.isDelayed ?? false),
    sessionHoles: origin.barsEveryMinute === true ? holesIn(own, origin.session) : null,
  });
  return change;
}

/**
 * Adds further bars to a batch that this transaction has written already; the earlier bars stay first. `earlier` is
 * what the transaction has changed so far; the answer is what it has changed now, and which of the bars were left out.
 */
export function appendToBatch(
  cache: Cache,
  key: BatchKey,
  bars: readonly Bar[],
  origin: BatchOrigin,
  before: Batch | null,
  earlier: BatchChange,
): { readonly change: BatchChange; readonly merged: MergedBars } {
  const merged = mergeBars([...batchBars(cache, key), ...bars]);
  const later = writeBatch(cache, key, merged.bars, origin, before);
  const removed = new Map(earlier.removed.map((bar) => [bar.windowStartMs, bar]));
  let added = earlier.added + later.added;
  let changed = earlier.changed + later.changed;
  for (const bar of bars) {
    const old = removed.get(bar.windowStartMs);
    if (old === undefined) continue;
    // The earlier blocks did without this bar; it was there all along.
    removed.delete(bar.windowStartMs);
    added--;
    if (!sameBar(old, bar)) changed++;
  }
  const change = { bars: later.bars, added, changed, removed: [...removed.values()] };
  return { change, merged };
}

function replaceBars(cache: Cache, key: BatchKey, bars: readonly Bar[], revision: number): BatchChange {
  const held = new Map(batchBars(cache, key).map((bar) => [bar.windowStartMs, bar]));
  const fresh: Bar[] = [];
  let added = 0;
  for (const bar of bars) {
    const old = held.get(bar.windowStartMs);
    held.delete(bar.windowStartMs);
    if (old === undefined) added++;
    if (old === undefined || !sameBar(old, bar)) fresh.push(bar);
  }
  const removedMs = [...held.keys()];
  putBars(cache, key, fresh, revision);
  rememberRemovedBars(cache, key, removedMs);
  removeBars(cache, key, removedMs);
  return { bars: bars.length, added, changed: fresh.length - added, removed: [...held.values()] };
}

function withoutMinutesOfOtherDays(
  cache: Cache,
  key: BatchKey,
  bars: readonly Bar[],
  origin: BatchOrigin,
): readonly Bar[] {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return bars;
  const foreign = barsOfOtherDays(cache, key, first.windowStartMs, last.windowStartMs);
  if (foreign.length === 0) return bars;
  const taken = new Set<number>();
  const wanted = new Set(bars.map((bar) => bar.windowStartMs));
  for (const epochDay of new Set(foreign.map((bar) => bar.epochDay))) {
    const owner = { ...key, epochDay };
    const batch = findBatch(cache, owner);
    const minutes = foreign
      .filter((bar) => bar.epochDay === epochDay && wanted.has(bar.windowStartMs))
      .map((bar) => bar.windowStartMs);
    if (batch?.source === "api" && origin.source === "flatfile")
      giveUpMinutes(cache, batch, minutes, origin.readAtMs);
    else for (const minute of minutes) taken.add(minute);
  }
  return bars.filter((bar) => !taken.has(bar.windowStartMs));
}

/**
 * Takes minutes out of a batch that a better source of another date claims. They are remembered as removed:
 * while the other date has them nothing deletes them in a target, but they may leave that one too.
 */
function giveUpMinutes(cache: Cache, batch: Batch, minutes: readonly number[], nowMs: number): void {
  if (minutes.length === 0) return;
  rememberRemovedBars(cache, batch, minutes);
  removeBars(cache, batch, minutes);
  const rest = batchBars(cache, batch);
  const dataset = datasetOf(cache, batch.symbolId);
  const session = sessionOf(dataset, dateOfEpochDay(batch.epochDay));
  putBatch(cache, {
    ...batch,
    revision: batch.revision + 1,
    contentHash: contentHash(rest),
    barCount: rest.length,
    sessionBarCount: countInside(rest, session),
    changedAtMs: nowMs,
    sessionHoles: DATASET_FACTS[dataset].barsEveryMinute ? holesIn(rest, session) : null,
  });
}

/** The runs of minutes of the session without a bar as the manifest keeps them; null for none. */
export function holesIn(bars: readonly Bar[], session: BatchOrigin["session"]): string | null {
  if (session === null || bars.length === 0) return null;
  const holes = sessionHoles(
    bars.map((bar) => bar.windowStartMs),
    session,
  );
  return holes.length === 0 ? null : JSON.stringify(holes);
}

/** How many of the bars lie in the session. */
export function countInside(bars: readonly Bar[], session: BatchOrigin["session"]): number {
  if (session === null) return 0;
  let count = 0;
  for (const bar of bars)
    if (bar.windowStartMs >= session.openMs && bar.windowStartMs < session.closeMs) count++;
  return count;
}
