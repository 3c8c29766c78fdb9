import { batchesOf } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { keepTimeframes, keptTimeframes, type KeptTimeframe } from "../../cache/timeframes.ts";
import { epochDayOf } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { DERIVED_TIMEFRAMES, ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import { aggregate } from "../../workflows/aggregate/aggregate.ts";
import { recorded } from "../../workflows/run-record.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  type DateRange,
  type FlagValues,
  symbolNames,
  usage,
} from "../flags.ts";
import { aggregateText } from "../render/aggregate.ts";
import { invocationText } from "../render/invocation.ts";
import { requireCache } from "../require-cache.ts";
import { printResult, readInvocation, withRun } from "../run.ts";
import { symbolsCached } from "../shown-symbols.ts";
import { TIMEFRAME_FLAGS, timeframeFlags } from "../timeframe-flags.ts";

const DEFAULT_DAYS = 90;

export const aggregateCommand: Command = {
  name: "aggregate",
  summary: "Make 5m, 15m, 30m, 1h and 1d bars from the cached minutes, and keep them up to date",
  flags: { ...TIMEFRAME_FLAGS, ...SYMBOL_FLAGS, ...RANGE_FLAGS, ...COMMON_FLAGS },
  examples: [
    "aggregate --timeframes=5m,1h,1d",
    "aggregate                                  (every timeframe; later those made before, brought up to date)",
    "aggregate --timeframes=1h --session=all    (before and after the session too)",
    "aggregate --timeframes=1d --symbols=SPX --from=2024-01-01 --to=2024-12-31 --json",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const { dataDir } = invocation.settings;
    // A mistyped list is told of before anything is made.
    timeframeFlags(flags, []);
    const range = hasRange(flags) ? rangeFlags(flags, invocation.today, DEFAULT_DAYS) : null;
    requireCache(dataDir, "aggregate");
    const startedMs = performance.now();
    return withRun("aggregate", flags, io, invocation, async (context) => {
      const kept = keptTimeframes(context.cache);
      const timeframes = chosen(flags, kept);
      const isNarrowed = range !== null || symbolNames(flags) !== undefined || flags["dataset"] !== undefined;
      if (isNarrowed) refuseOtherSession(timeframes, kept);
      const symbols = symbolsCached(context.cache, flags);
      refuseNothing(context.cache, symbols, range);
      await keepTimeframes(context.cache, timeframes, invocation.nowMs);
      const result = await recorded(context, "aggregate", (_, watched) =>
        aggregate(watched, { symbols, timeframes, range }),
      );
      const durationMs = Math.round(performance.now() - startedMs);
      printResult(flags, io, { command: "aggregate", dataDir, ...result, durationMs }, () =>
        aggregateText(result, { dataDir, durationMs, again: invocationText(flags) }),
      );
      return EXIT_CODES.ok.code;
    });
  },
};

/** Bars of one timeframe are all of the same session: a change of it is for every symbol and day. */
function refuseOtherSession(timeframes: readonly KeptTimeframe[], kept: readonly KeptTimeframe[]): void {
  for (const { timeframeMinutes, session } of timeframes) {
    const before = kept.find((timeframe) => timeframe.timeframeMinutes === timeframeMinutes)?.session;
    if (before === undefined || before === session) continue;
    throw usage(
      "session",
      `${timeframeName(timeframeMinutes)} bars are made of ${before} minutes, and would be of both kinds`,
      "Leave out --symbols, --dataset and the days: every symbol and day is made anew.",
    );
  }
}

/**
 * Makes sure that there are minutes to make bars of.
 * @throws BackfillError (usage) if not: "up to date" would be true of nothing.
 */
function refuseNothing(cache: Cache, symbols: readonly TrackedSymbol[], range: DateRange | null): void {
  const [firstDay, lastDay] =
    range === null ? [0, Number.MAX_SAFE_INTEGER] : [epochDayOf(range.from), epochDayOf(range.to)];
  const ids = symbols.map((symbol) => knownSymbolId(cache, symbol)).filter((id) => id !== null);
  if (ids.some((id) => batchesOf(cache, id, ONE_MINUTE, firstDay, lastDay).length > 0)) return;
  const when = range === null ? "" : ` from ${range.from} to ${range.to}`;
  throw new BackfillError({
    kind: "usage",
    operation: "make coarser bars",
    reason: `the cache has no minutes of these symbols${when}`,
    nextStep:
      "See what is cached with massive-backfill status, or bring some first: massive-backfill hybrid.",
  });
}

/** Every timeframe there is, where the cache keeps none and none is named. */
function chosen(flags: FlagValues, kept: readonly KeptTimeframe[]): KeptTimeframe[] {
  if (kept.length > 0 || flags["timeframes"] !== undefined) return timeframeFlags(flags, kept);
  const every = DERIVED_TIMEFRAMES.map(
    (timeframeMinutes) => ({ timeframeMinutes, session: "regular" }) as const,
  );
  return timeframeFlags(flags, every);
}
