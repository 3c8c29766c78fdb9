import type { ArgsDef } from "citty";
import type { SyncScope } from "../workflows/sync-selection.ts";
import { dateFlag, datasetFlag, symbolNames, usage, wholeNumberFlag, type FlagValues } from "./flags.ts";

const MAX_BATCH_ROWS = 100_000;
const MAX_RETRY_SECONDS = 86_400;

/** How a sync is done. */
export const SYNC_FLAGS = {
  all: {
    type: "boolean",
    description: "send everything again, such as to a database that was restored from a backup",
  },
  "batch-rows": {
    type: "string",
    description: `bars in one transaction (default 50000, at most ${MAX_BATCH_ROWS}); a day of a symbol is never cut`,
    valueHint: "N",
  },
} as const satisfies ArgsDef;

/** The flag with which a database is given time; the default differs from command to command. */
export function retryFlag(defaultSeconds: number) {
  return {
    "retry-timeout": {
      type: "string",
      description: `seconds to keep trying while the database does not answer (default ${defaultSeconds}, 0 for once)`,
      valueHint: "SECONDS",
    },
  } as const satisfies ArgsDef;
}

/** What `--retry-timeout` says, else the default of the command. */
export function retryTimeoutMs(flags: FlagValues, defaultSeconds: number): number {
  return 1000 * (wholeNumberFlag(flags, "retry-timeout", { most: MAX_RETRY_SECONDS }) ?? defaultSeconds);
}

/** What `--batch-rows` says; nothing if it was not given. */
export function batchRows(flags: FlagValues): { readonly batchRows?: number } {
  const rows = wholeNumberFlag(flags, "batch-rows", { least: 1, most: MAX_BATCH_ROWS });
  return rows === undefined ? {} : { batchRows: rows };
}

/** What `--symbols`, `--dataset`, `--from` and `--to` narrow a sync to. Throws a `usage` error for an empty range. */
export function syncScope(flags: FlagValues): SyncScope {
  const [from, to] = [dateFlag(flags, "from") ?? null, dateFlag(flags, "to") ?? null];
  if (from !== null && to !== null && from > to)
    throw usage("from", `${from} is after ${to}`, "Give the earlier day as --from.");
  return { names: symbolNames(flags) ?? null, dataset: datasetFlag(flags) ?? null, from, to };
}
