/**
 * Everything that `verify` can find, by the name it has in `--json`: the words for it, and what mends it. `{hybrid}`
 * and such stand for the command, narrowed to what was found.
 */
export const FAULT_KINDS = {
  database: {
    words: "SQLite finds the file damaged",
    fix: "Move the cache away and run hybrid again: kept flat files are read again.",
  },
} as const satisfies Readonly<Record<string, { readonly words: string; readonly fix: string }>>;

export type FaultKind = keyof typeof FAULT_KINDS;
