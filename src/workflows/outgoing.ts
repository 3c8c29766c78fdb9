import { setImmediate } from "node:timers/promises";
import { batchBars } from "../cache/bars.ts";
import type { Cache } from "../cache/cache.ts";
import type { UnsyncedBatch } from "../cache/outbox.ts";
import { removedBars } from "../cache/removed-bars.ts";
import { timeframeName } from "../core/timeframes.ts";
import { copyText } from "../postgres/copy-text.ts";
import type { BarRange } from "../postgres/held-bars.ts";
import type { TargetTable } from "../postgres/table.ts";
import type { BarKey } from "../postgres/write-rows.ts";

/** A batch that is ready to be sent. */
export interface OutgoingBatch {
  readonly batch: UnsyncedBatch;
  /** From its first bar to its last; null if it has none. */
  readonly range: BarRange | null;
  /** Its bars in the text format of COPY: as bytes, since a string put together of so many is large until it is read. */
  readonly text: Uint8Array;
  /** Bars that the target has to forget. */
  readonly deletes: readonly BarKey[];
}

/** Bars of the first transaction: the database shall not wait long until it has something to do. */
const FIRST_ROWS = 10_000;
/** What is known of a batch takes memory and time too, be it without bars. */
const MAX_BATCHES = 2000;

/**
 * Puts batches together, in their order, to transactions of at most `rows` bars and 2,000 batches; a batch is never
 * cut.
 */
export function* transactionsOf(batches: Iterable<UnsyncedBatch>, rows: number): Generator<UnsyncedBatch[]> {
  let group: UnsyncedBatch[] = [];
  let bars = 0;
  let limit = Math.min(rows, FIRST_ROWS);
  for (const batch of batches) {
    if (group.length > 0 && (bars + batch.barCount > limit || group.length === MAX_BATCHES)) {
      yield group;
      group = [];
      bars = 0;
      limit = rows;
    }
    group.push(batch);
    bars += batch.barCount;
  }
  if (group.length > 0) yield group;
}

/** Reads the bars of each transaction's batches; after each batch whatever else there is to do comes first. */
export async function* outgoing(
  cache: Cache,
  targetId: number,
  table: TargetTable,
  transactions: Iterable<readonly UnsyncedBatch[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly OutgoingBatch[], void> {
  for (const batches of transactions) {
    const ready: OutgoingBatch[] = [];
    for (const batch of batches) {
      signal.throwIfAborted();
      ready.push(outgoingBatch(cache, targetId, table, batch));
      await setImmediate();
    }
    yield ready;
  }
}

function outgoingBatch(
  cache: Cache,
  targetId: number,
  table: TargetTable,
  batch: UnsyncedBatch,
): OutgoingBatch {
  const names = { symbol: batch.symbol, timeframe: timeframeName(batch.timeframeMinutes) };
  const bars = batchBars(cache, batch);
  const [first, last] = [bars[0], bars.at(-1)];
  return {
    batch,
    range: first && last ? { ...names, firstMs: first.windowStartMs, lastMs: last.windowStartMs } : null,
    text: Buffer.from(copyText({ ...names, bars }, table)),
    deletes: removedBars(cache, targetId, batch).map((windowStartMs) => ({ ...names, windowStartMs })),
  };
}
