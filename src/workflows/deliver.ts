import { BackfillError } from "../core/errors.ts";
import type { PostgresConnection } from "../postgres/connect.ts";
import { digestOf, heldBars, type BarRange, type HeldBars } from "../postgres/held-bars.ts";
import type { TargetTable } from "../postgres/table.ts";
import { tableName } from "../postgres/target.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { NOT_NEW, writeRows, type RowsToWrite, type WriteCounts } from "../postgres/write-rows.ts";
import type { OutgoingBatch } from "./outgoing.ts";

/**
 * Makes the table hold these batches, in one transaction. What the table has of batches that it is not known to
 * have is looked at first: what is equal is not sent, and where there is nothing yet, rows are copied straight in.
 * `beforeCommit` is done when all is written: from then on the table may have the batches, whatever the answer.
 */
export async function deliver(
  connection: PostgresConnection,
  table: TargetTable,
  group: readonly OutgoingBatch[],
  beforeCommit: () => Promise<void>,
): Promise<WriteCounts> {
  const attempt = (mayBeNew: boolean) =>
    inTransaction(connection, `write bars to ${connection.name} ${tableName(table.target)}`, async () => {
      const held = await lookAtUnknown(connection, table, group);
      const { unchanged, ...rows } = rowsToWrite(group, held);
      const counts = await writeRows(connection, table, { ...rows, areNew: rows.areNew && mayBeNew });
      await beforeCommit();
      return { ...counts, unchanged: counts.unchanged + unchanged };
    });
  try {
    return await attempt(true);
  } catch (error) {
    // Another program has written some of them between our look and our COPY: they are compared now.
    if (!(error instanceof BackfillError) || error.code !== NOT_NEW) throw error;
    return attempt(false);
  }
}

/** What of the batches has to be written, and how many bars need not be. */
function rowsToWrite(
  group: readonly OutgoingBatch[],
  held: ReadonlyMap<OutgoingBatch, HeldBars>,
): RowsToWrite & { readonly unchanged: number } {
  const [toSend, equal]: [OutgoingBatch[], OutgoingBatch[]] = [[], []];
  for (const outgoing of group)
    if (outgoing.range !== null) (isEqual(outgoing, held.get(outgoing)) ? equal : toSend).push(outgoing);
  return {
    pieces: toSend.map(({ text }) => text),
    rows: barsOf(toSend),
    deletes: group.flatMap(({ deletes }) => deletes),
    areNew: toSend.every((outgoing) => held.get(outgoing)?.rows === 0),
    unchanged: barsOf(equal),
  };
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
    if (outgoing.range === null || outgoing.batch.syncedRevision !== null) continue;
    unknown.push(outgoing);
    ranges.push(outgoing.range);
  }
  if (unknown.length === 0) return new Map();
  const held = await heldBars(connection, table, ranges);
  return new Map(
    unknown.flatMap((outgoing, index) => (held[index] ? [[outgoing, held[index]] as const] : [])),
  );
}

function isEqual({ batch, text }: OutgoingBatch, held: HeldBars | undefined): boolean {
  return held !== undefined && held.rows === batch.barCount && held.digest === digestOf(text);
}

function barsOf(group: readonly OutgoingBatch[]): number {
  return group.reduce((sum, { batch }) => sum + batch.barCount, 0);
}
