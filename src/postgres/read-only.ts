import { BackfillError } from "../core/errors.ts";
import { TRANSIENT } from "./errors.ts";
import type { TargetState } from "./table-catalog.ts";

/**
 * Throws a `target` error if the session can only read: transient at a standby, since the address may lead to
 * the new primary after a failover; else with the SQL that ends it.
 */
export function requireWritable(state: TargetState, operation: string): void {
  if (state.isStandby) {
    throw new BackfillError({
      kind: "target",
      operation,
      reason: "the server is a read-only copy of another one",
      nextStep: "Use the address of the primary; after a failover, try again when it has moved.",
      code: TRANSIENT,
    });
  }
  if (state.readOnlyBy === null) return;
  const isOurOption = state.readOnlyBy === "client";
  throw new BackfillError({
    kind: "target",
    operation,
    reason: isOurOption
      ? "the options of the connection switch default_transaction_read_only on"
      : "default_transaction_read_only is on, as hosted databases set it when their disk is full",
    nextStep: isOurOption
      ? "Take default_transaction_read_only out of the options in the database URL or in PGOPTIONS."
      : `Make room if the disk is full, then: ${switchOff(state)}`,
  });
}

/** In a transaction that may write although the default says otherwise. */
function switchOff({ user, database }: TargetState): string {
  return `BEGIN READ WRITE; ALTER ROLE ${user} IN DATABASE ${database} SET default_transaction_read_only = off; COMMIT;`;
}
