import type { PostgresConnection } from "./connect.ts";
import { explainPostgresError } from "./errors.ts";
import { STALL_TIMEOUT_MS } from "./time-limits.ts";

/** Limits of a transaction, set for it alone: whatever the server's own are, they end what hangs. */
export interface TimeLimits {
  readonly statementMs: number;
  /** How long to wait for a row or a table that another session is changing. */
  readonly lockMs: number;
  /** How long the server waits for a client that has fallen asleep, before it lets go of its rows. */
  readonly idleMs: number;
}

/** The server gives a statement up before we give up waiting for it: else it would go on, and hold the rows. */
const TIME_LIMITS: TimeLimits = { statementMs: STALL_TIMEOUT_MS - 60_000, lockMs: 10_000, idleMs: 30_000 };

/**
 * Does `work` in a transaction: all of it or nothing. Resolves once the server has confirmed the COMMIT; if the
 * connection breaks before that, nobody knows whether it was done. One transaction at a time on a connection.
 * Throws a `target` error that begins with `operation` (code `transient` if trying again may help), or what `work`
 * throws.
 */
export async function inTransaction<T>(
  connection: PostgresConnection,
  operation: string,
  work: () => Promise<T>,
  limits: TimeLimits = TIME_LIMITS,
): Promise<T> {
  try {
    await connection.run((sql) => sql.unsafe(beginWithin(limits)));
    return await endingWithCommit(connection, work);
  } catch (error) {
    throw explainPostgresError(error, operation);
  }
}

async function endingWithCommit<T>(connection: PostgresConnection, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    const { command } = await connection.run((sql) => sql.unsafe("COMMIT"));
    // A transaction that has failed without our noticing is answered so.
    if (command !== "COMMIT") throw new Error(`the server answered ${command} to COMMIT`);
    return result;
  } catch (error) {
    // If this fails too the connection is gone, and the transaction with it; the first error says why.
    await connection.run((sql) => sql.unsafe("ROLLBACK")).catch(() => {});
    throw error;
  }
}

/** The server looks for a client that has gone without a word: it would hold the rows for hours in a COPY. */
function beginWithin({ statementMs, lockMs, idleMs }: TimeLimits): string {
  return `BEGIN;
SET LOCAL statement_timeout = ${statementMs};
SET LOCAL lock_timeout = ${lockMs};
SET LOCAL idle_in_transaction_session_timeout = ${idleMs};
SET LOCAL tcp_keepalives_idle = 30;
SET LOCAL tcp_keepalives_interval = 10;
SET LOCAL tcp_keepalives_count = 3`;
}
