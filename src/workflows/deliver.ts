import type { UnsyncedBatch } from "../cache/outbox.ts";
import { BackfillError } from "../core/errors.ts";
import type { PostgresConnection } from "../postgres/connect.ts";
import { digestOf, heldBars, type BarRange, type HeldBars } from "../postgres/held-bars.ts";
import type { TargetTable } from "../postgres/table.ts";
import {
  applyTransaction,
  NOT_NEW,
  type SyncTransaction,
  type TransactionCounts,
} from "../postgres/upsert.ts";
import type { OutgoingBatch } from "./outgoing.ts";

/**
 * Makes the table hold these batches, in one transaction. What the table has of batches that it is not known to
 * have is looked at first: what is equal is not sent, and where there is nothing yet, rows are copied straight in.
 */
export async function deliver(
  connection: PostgresConnection,
  table: TargetTable,
  group: readonly OutgoingBatch[],
): Promise<TransactionCounts> {
  const held = await lookAtUnknown(connection, table, group);
  const toSend = group.filter((outgoing) => !isEqual(outgoing, held.get(outgoing)));
  const deletes = group.flatMap((outgoing) => outgoing.deletes);
  const rows = toSend.reduce((sum, { batch }) => sum + batch.barCount, 0);
  const kept = group.reduce((sum, { batch }) => sum + batch.barCount, 0) - rows;
  if (rows + deletes.length === 0) return { inserted: 0, updated: 0, unchanged: kept, deleted: 0 };
  const pieces = toSend.map(({ text }) => text);
  const areNew = toSend.every((outgoing) => outgoing.range === null || held.get(outgoing)?.rows === 0);
  const counts = await apply(connection, table, { pieces, rows, deletes, areNew });
  return { ...counts, unchanged: counts.unchanged + kept };
}

/** Rows that another program writes between our look and our COPY are no error: they are compared then. */
async function apply(
  connection: PostgresConnection,
  table: TargetTable,
  transaction: SyncTransaction,
): Promise<TransactionCounts> {
  try {
    return await applyTransaction(connection, table, transaction);
  } catch (error) {
    if (!(error instanceof BackfillError) || error.code !== NOT_NEW) throw error;
    return applyTransaction(connection, table, { ...transaction, areNew: false });
  }
}

/**
 * What the table has of the batches of which it is not known to have any revision: a new target, one restored from a
 * backup, a commit whose answer was lost. The others have changed since they were synced.
 */
async function lookAtUnknown(
  connection: PostgresConnection,
  table: TargetTable,
  group: readonly OutgoingBatch[],
): Promise<ReadonlyMap<OutgoingBatch, HeldBars>> {
  const unknown: OutgoingBatch[] = [];
  const ranges: BarRange[] = [];
  for (const outgoing of group) {
    if (outgoing.range === null || !isUnknown(outgoing.batch)) continue;
    unknown.push(outgoing);
    ranges.push(outgoing.range);
  }
  if (unknown.length === 0) return new Map();
  const held = await heldBars(connection, table, ranges);
  return new Map(
    unknown.flatMap((outgoing, index) => (held[index] ? [[outgoing, held[index]] as const] : [])),
  );
}

function isUnknown({ syncedRevision }: UnsyncedBatch): boolean {
  return syncedRevision === null;
}

function isEqual({ batch, text }: OutgoingBatch, held: HeldBars | undefined): boolean {
  if (batch.barCount === 0) return true;
  return held !== undefined && held.rows === batch.barCount && held.digest === digestOf(text);
}
