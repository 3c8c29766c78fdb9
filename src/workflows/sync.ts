import type { Cache } from "../cache/cache.ts";
import { forgetDeliveries, markSent, markSynced } from "../cache/deliveries.ts";
import {
  advanceMark,
  markUnsynced,
  unsyncedBatches,
  unsyncedSymbols,
  type BatchSelection,
} from "../cache/outbox.ts";
import { findTarget, markFailed, openTarget } from "../cache/targets.ts";
import type { HelpTopic } from "../core/help-topics.ts";
import { BackfillError } from "../core/errors.ts";
import { oneAhead } from "../core/one-ahead.ts";
import type { Task } from "../core/progress.ts";
import { openConnection, type PostgresConnection } from "../postgres/connect.ts";
import { ensureTable, isEmptyTable, type TargetTable } from "../postgres/table.ts";
import { parseTarget, tableName } from "../postgres/target.ts";
import type { RunContext } from "./context.ts";
import { noDatabase, requireDatabase } from "./database.ts";
import { deliver } from "./deliver.ts";
import { Outage } from "./outage.ts";
import { outgoing, transactionsOf } from "./outgoing.ts";

export interface SyncOptions {
  /** How long a database that does not answer is tried again. */
  readonly retryTimeoutMs: number;
  /** Bars in one Postgres transaction; default 50,000: quick, and done again without pain. */
  readonly batchRows?: number;
  /** Send what the target is known to have, too. */
  readonly all?: boolean;
  /** What to bring; default everything. */
  readonly selection?: BatchSelection;
}

/** What a sync came to, in the form of `--json`. */
export interface SyncResult {
  /** `host:port/database schema.table`. */
  readonly target: string;
  /** Batches and bars that this sync brought to the target. */
  readonly batches: number;
  readonly bars: number;
  readonly inserted: number;
  readonly updated: number;
  /** Bars that the target had already, with the same values. */
  readonly unchanged: number;
  readonly deleted: number;
  /** Batches of what was asked for that the target still lacks. */
  readonly pending: number;
  /** Things about the target's table that the user should know. */
  readonly notes: readonly string[];
  /** Why not everything was synced; null if it was. */
  readonly error: string | null;
  readonly hint: string | null;
  /** The page about it: `massive-backfill help NAME`. */
  readonly help: HelpTopic | null;
}

const DEFAULT_BATCH_ROWS = 50_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings every unsynced batch to the database that is set; `sent` is counted up with every transaction. While the
 * database does not answer it is tried again, and the sync goes on where it stopped.
 * @throws BackfillError (settings) if none is set; (target) if it cannot be reached or written.
 */
export async function sync(
  context: RunContext,
  options: SyncOptions,
  sent: Sent = nothingSent(),
): Promise<SyncResult> {
  const { cache, settings, signal, progress } = context;
  const { target, name } = parseTarget(requireDatabase(settings), settings.table);
  const targetId = await openTarget(cache, name);
  if (options.all === true) await markUnsynced(cache, targetId, options.selection);
  const outage = new Outage(options.retryTimeoutMs, progress, signal);
  const notes = new Set<string>();
  try {
    await outage.outlast(() =>
      withConnection(context, async (connection) => {
        const table = await ensureTable(connection, target);
        for (const note of notesOn(table)) notes.add(note);
        await sendAll({ ...context, targetId, options, sent, outage }, connection, table);
      }),
    );
  } catch (error) {
    // Not the moment that the run plans for: it may have tried for long.
    if (error instanceof BackfillError && !signal.aborted)
      await markFailed(cache, targetId, { error: error.message, atMs: Date.now() });
    throw error;
  }
  await advanceMark(cache, targetId);
  const pending = pendingBatches(cache, targetId, options.selection);
  return { target: name, ...sent, pending, notes: [...notes], error: null, hint: null, help: null };
}

/**
 * The sync at the end of the main job: a database that cannot be written is reported in the result, since all
 * bars are safe in the cache. Null if no database is set.
 */
export async function syncAfterFill(
  context: RunContext,
  options: Omit<SyncOptions, "selection" | "all">,
): Promise<SyncResult | null> {
  const { databaseUrl, table, supabaseWithoutDatabase } = context.settings;
  if (databaseUrl === null) {
    if (supabaseWithoutDatabase)
      context.progress.warn(`Not synced: ${noDatabase(context.settings).nextStep}`);
    return null;
  }
  const sent = nothingSent();
  try {
    return await sync(context, options, sent);
  } catch (error) {
    if (!(error instanceof BackfillError) || error.kind === "interrupted") throw error;
    const { name } = parseTarget(databaseUrl, table);
    const pending = pendingBatches(context.cache, findTarget(context.cache, name));
    const { message, nextStep, help } = error;
    return { target: name, ...sent, pending, notes: [], error: message, hint: nextStep, help };
  }
}

/** What has been brought to the target so far; counted up, so that it is known after a failure too. */
export interface Sent {
  batches: number;
  bars: number;
  inserted: number;
  updated: number;
  unchanged: number;
  deleted: number;
}

/** What a sync works with. */
interface Courier extends RunContext {
  readonly targetId: number;
  readonly options: SyncOptions;
  readonly sent: Sent;
  readonly outage: Outage;
}

/** Where a sync begins to count. */
export function nothingSent(): Sent {
  return { batches: 0, bars: 0, inserted: 0, updated: 0, unchanged: 0, deleted: 0 };
}

async function withConnection<T>(
  { settings, signal }: RunContext,
  work: (connection: PostgresConnection) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(requireDatabase(settings), {
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    applicationName: "massive-backfill",
    signal,
  });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

async function sendAll(courier: Courier, connection: PostgresConnection, table: TargetTable): Promise<void> {
  const { cache, progress, targetId, options } = courier;
  // A table that is new or was emptied has nothing of what it was sent before.
  if (await isEmptyTable(connection, table)) await forgetDeliveries(cache, targetId);
  const symbols = unsyncedSymbols(cache, targetId, options.selection);
  if (symbols.length === 0) return;
  const total = symbols.reduce((sum, { bars }) => sum + bars, 0);
  const task = progress.task({ label: "sync to Postgres", total, unit: "bars" });
  try {
    await sendTransactions(courier, connection, table, task);
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
}

async function sendTransactions(
  { cache, signal, nowMs, targetId, options, sent, outage }: Courier,
  connection: PostgresConnection,
  table: TargetTable,
  task: Task,
): Promise<void> {
  const batches = unsyncedBatches(cache, targetId, options.selection);
  const transactions = transactionsOf(batches, options.batchRows ?? DEFAULT_BATCH_ROWS);
  for await (const group of oneAhead(outgoing(cache, targetId, table, transactions, signal))) {
    signal.throwIfAborted();
    const sentBatches = group.map(({ batch }) => batch);
    const counts = await deliver(connection, table, group, () => markSent(cache, targetId, sentBatches));
    await markSynced(cache, targetId, group, nowMs);
    outage.end();
    const bars = sentBatches.reduce((sum, batch) => sum + batch.barCount, 0);
    sent.batches += group.length;
    sent.bars += bars;
    sent.inserted += counts.inserted;
    sent.updated += counts.updated;
    sent.unchanged += counts.unchanged;
    sent.deleted += counts.deleted;
    task.advance(bars);
  }
}

function pendingBatches(cache: Cache, targetId: number, selection?: BatchSelection): number {
  return unsyncedSymbols(cache, targetId, selection).reduce((sum, { batches }) => sum + batches, 0);
}

function notesOn(table: TargetTable): string[] {
  const notes: string[] = [];
  if (table.created) notes.push(`Created the table ${tableName(table.target)}`);
  if (table.roundedColumns.length > 0)
    notes.push(`Values were rounded to fit the table's columns: ${table.roundedColumns.join(", ")}`);
  if (table.rowTriggers.length > 0)
    notes.push(`Triggers of the table may change bars as they are written: ${table.rowTriggers.join(", ")}`);
  return notes;
}
