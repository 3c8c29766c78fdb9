import { batchBars } from "../cache/bars.ts";
import {
  forgetDeliveries,
  markFailed,
  markSent,
  markSynced,
  openTarget,
  outboxSummary,
  removedBars,
  unsyncedBatches,
  type UnsyncedBatch,
} from "../cache/outbox.ts";
import { BackfillError } from "../core/errors.ts";
import { timeframeName } from "../core/timeframes.ts";
import { openConnection, type PostgresConnection } from "../postgres/connect.ts";
import { ensureTable, isEmptyTable, type TargetTable } from "../postgres/table.ts";
import { parseTarget, tableName } from "../postgres/target.ts";
import type { BarRow } from "../postgres/copy-text.ts";
import { applyTransaction, type BarKey } from "../postgres/upsert.ts";
import type { RunContext } from "./context.ts";

/** What a sync came to, in the form of `--json`. */
export interface SyncResult {
  /** `host:port/database schema.table`. */
  readonly target: string;
  /** Batches and bars that this sync brought to the target. */
  readonly batches: number;
  readonly bars: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Batches that the target still lacks. */
  readonly pending: number;
  /** Things about the target's table that the user should know. */
  readonly notes: readonly string[];
  /** Why not everything was synced; null if it was. */
  readonly error: string | null;
  readonly hint: string | null;
}

/** Bars in one Postgres transaction: large enough to be quick, small enough to be done again without pain. */
const BARS_PER_TRANSACTION = 50_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings every unsynced batch to the database that is set; `sent` is counted up with every transaction.
 * @throws BackfillError (settings) if none is set; (target) if it cannot be reached or written.
 */
export async function sync(context: RunContext, sent: Sent = nothingSent()): Promise<SyncResult> {
  const { databaseUrl, table } = context.settings;
  if (databaseUrl === null) throw noDatabase(context.settings.supabaseWithoutDatabase);
  const { target, name } = parseTarget(databaseUrl, table);
  const targetId = await openTarget(context.cache, name);
  try {
    const connection = await openConnection(databaseUrl, {
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      applicationName: "massive-backfill",
      signal: context.signal,
    });
    try {
      const barTable = await ensureTable(connection, target);
      // A table that is new or was emptied has nothing of what it was sent before.
      if (await isEmptyTable(connection, barTable)) await forgetDeliveries(context.cache, targetId);
      await sendBatches(context, connection, barTable, targetId, sent);
      const pending = outboxSummary(context.cache, targetId).batches;
      return { target: name, ...sent, pending, notes: notesOn(barTable), error: null, hint: null };
    } finally {
      await connection.close();
    }
  } catch (error) {
    // Being stopped by the user breaks the connection too; that is no fault of the database.
    context.signal.throwIfAborted();
    if (error instanceof BackfillError)
      await markFailed(context.cache, targetId, error.message, context.nowMs);
    throw error;
  }
}

/**
 * The sync at the end of the main job: a database that cannot be written is reported in the result, since all
 * bars are safe in the cache. Null if no database is set.
 */
export async function syncAfterFill(context: RunContext): Promise<SyncResult | null> {
  const { databaseUrl, table, supabaseWithoutDatabase } = context.settings;
  if (databaseUrl === null) {
    if (supabaseWithoutDatabase) context.progress.warn(`Not synced: ${noDatabase(true).nextStep}`);
    return null;
  }
  const sent = nothingSent();
  try {
    return await sync(context, sent);
  } catch (error) {
    if (!(error instanceof BackfillError) || error.kind === "interrupted") throw error;
    const { name } = parseTarget(databaseUrl, table);
    const pending = outboxSummary(context.cache, await openTarget(context.cache, name)).batches;
    return { target: name, ...sent, pending, notes: [], error: error.message, hint: error.nextStep };
  }
}

/** What has been brought to the target so far; counted up, so that it is known after a failure too. */
interface Sent {
  batches: number;
  bars: number;
  inserted: number;
  updated: number;
  deleted: number;
}

function nothingSent(): Sent {
  return { batches: 0, bars: 0, inserted: 0, updated: 0, deleted: 0 };
}

async function sendBatches(
  context: RunContext,
  connection: PostgresConnection,
  table: TargetTable,
  targetId: number,
  sent: Sent,
): Promise<void> {
  const { cache, progress, signal, nowMs } = context;
  const unsynced = unsyncedBatches(cache, targetId);
  if (unsynced.length === 0) return;
  const total = unsynced.reduce((sum, batch) => sum + batch.barCount, 0);
  const task = progress.task({ label: "sync to Postgres", total, unit: "bars" });
  for (const group of groupsOf(unsynced)) {
    signal.throwIfAborted();
    await markSent(cache, targetId, group);
    const deletes = group.flatMap((batch) => deletesOf(context, targetId, batch));
    const bars = group.reduce((sum, batch) => sum + batch.barCount, 0);
    if (bars + deletes.length > 0) {
      const done = await applyTransaction(connection, table, { rows: rowsOf(context, group), deletes });
      sent.inserted += done.inserted;
      sent.updated += done.updated;
      sent.deleted += done.deleted;
    }
    await markSynced(cache, targetId, group, nowMs);
    sent.batches += group.length;
    sent.bars += bars;
    task.advance(bars);
  }
  task.done();
}

function* groupsOf(batches: readonly UnsyncedBatch[]): Generator<UnsyncedBatch[]> {
  let group: UnsyncedBatch[] = [];
  let bars = 0;
  for (const batch of batches) {
    if (group.length > 0 && bars + batch.barCount > BARS_PER_TRANSACTION) {
      yield group;
      group = [];
      bars = 0;
    }
    group.push(batch);
    bars += batch.barCount;
  }
  if (group.length > 0) yield group;
}

function* rowsOf({ cache }: RunContext, group: readonly UnsyncedBatch[]): Generator<BarRow> {
  for (const batch of group) {
    const { symbol } = batch;
    const timeframe = timeframeName(batch.timeframeMinutes);
    for (const bar of batchBars(cache, batch)) yield { symbol, timeframe, bar };
  }
}

function deletesOf({ cache }: RunContext, targetId: number, batch: UnsyncedBatch): BarKey[] {
  const timeframe = timeframeName(batch.timeframeMinutes);
  return removedBars(cache, targetId, batch).map((windowStartMs) => ({
    symbol: batch.symbol,
    timeframe,
    windowStartMs,
  }));
}

function notesOn(table: TargetTable): string[] {
  const notes: string[] = [];
  if (table.created) notes.push(`Created the table ${tableName(table.target)}`);
  if (table.roundedColumns.length > 0)
    notes.push(`Values were rounded to fit the table's columns: ${table.roundedColumns.join(", ")}`);
  return notes;
}

function noDatabase(supabase: boolean): BackfillError {
  return new BackfillError({
    kind: "settings",
    operation: "sync to Postgres",
    reason: supabase
      ? "SUPABASE_URL is set, but rows are written through a Postgres connection"
      : "no database is set",
    nextStep: supabase
      ? "Set DATABASE_URL to the connection string that the Supabase dashboard shows under Connect (Project Settings, Database)."
      : "Set DATABASE_URL or give --database-url=postgres://user:password@host:5432/database.",
  });
}
