import { unsyncedSymbols, type BatchSelection } from "../cache/outbox.ts";
import { findTarget } from "../cache/targets.ts";
import { dateOfEpochDay } from "../core/dates.ts";
import { parseTarget } from "../postgres/target.ts";
import type { RunContext } from "./context.ts";
import { requireDatabase } from "./database.ts";

/** What of one symbol a sync would send. */
export interface SymbolToSync {
  readonly symbol: string;
  readonly batches: number;
  readonly bars: number;
  readonly from: string;
  readonly to: string;
}

/** What a sync would send, in the form of `--json`. */
export interface SyncPlan {
  readonly target: string;
  readonly batches: number;
  readonly bars: number;
  readonly symbols: readonly SymbolToSync[];
}

const NO_TARGET = -1;

/**
 * What a sync would send, by the cache alone: the database is not asked. With `all`, what the target is known to
 * have counts too.
 * @throws BackfillError (settings) if no database is set.
 */
export function planSync(
  { cache, settings }: Pick<RunContext, "cache" | "settings">,
  { all, selection }: { readonly all: boolean; readonly selection: BatchSelection },
): SyncPlan {
  const { name } = parseTarget(requireDatabase(settings), settings.table);
  const symbols = unsyncedSymbols(cache, all ? NO_TARGET : findTarget(cache, name), selection);
  return {
    target: name,
    batches: symbols.reduce((sum, { batches }) => sum + batches, 0),
    bars: symbols.reduce((sum, { bars }) => sum + bars, 0),
    symbols: symbols.map(({ symbol, batches, bars, firstEpochDay, lastEpochDay }) => ({
      symbol,
      batches,
      bars,
      from: dateOfEpochDay(firstEpochDay),
      to: dateOfEpochDay(lastEpochDay),
    })),
  };
}
