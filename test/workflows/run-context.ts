import type { Cache } from "../../src/cache/cache.ts";
import { silentProgress, type Progress } from "../../src/core/progress.ts";
import type { Settings } from "../../src/core/settings.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import type { HybridOptions } from "../../src/workflows/hybrid.ts";
import type { TempCache } from "../support/temp-cache.ts";

/** Friday, 22 November 2024, 21:00 in New York. */
export const FRIDAY_EVENING_MS = Date.parse("2024-11-22T21:00:00-05:00");

/** What a workflow works with on a machine without keys and database, in a folder of its own. */
export function contextOf(
  { dataDir, cache }: Pick<TempCache, "dataDir" | "cache">,
  fields: Partial<RunContext> = {},
): RunContext {
  return {
    settings: settingsOf(dataDir),
    cache,
    progress: silentProgress,
    signal: new AbortController().signal,
    nowMs: FRIDAY_EVENING_MS,
    ...fields,
  };
}

/** How a main job goes unless somebody says more. */
export const PLAINLY: Omit<HybridOptions, "selection" | "from" | "to"> = {
  source: "auto",
  recheckDays: 7,
  recheckEntitlements: false,
  requestsPerMinute: null,
  keepFiles: true,
  limits: {},
  timeframes: [],
  sync: { retryTimeoutMs: 0 },
  wait: null,
};

function settingsOf(dataDir: string): Settings {
  return {
    dataDir,
    s3: null,
    rest: null,
    databaseUrl: null,
    table: "historical_bars",
    symbols: [],
    source: "auto",
    supabaseWithoutDatabase: false,
  };
}

/** Progress that keeps what it is told. */
export function collectedProgress(): Progress & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    ...silentProgress,
    lines,
    info: (message) => lines.push(`info ${message}`),
    warn: (message) => lines.push(`warn ${message}`),
    detail: (message) => lines.push(`detail ${message}`),
  };
}

const TABLES = [
  "symbols",
  "tracked",
  "bars",
  "flat_files",
  "rejected_rows",
  "batches",
  "day_problems",
  "deliveries",
  "removed_bars",
];

/** Everything that a cache holds, to compare as a whole; not in which order it came. */
export function contentOf({ db }: Cache): Readonly<Record<string, unknown[]>> {
  const rowsOf = (table: string) => db.query<object, []>(`SELECT * FROM ${table}`).all();
  return Object.fromEntries(TABLES.map((table) => [table, rowsOf(table).map(withoutOrder)]));
}

function withoutOrder(row: object): object {
  return "change_number" in row ? { ...row, change_number: 0 } : row;
}
