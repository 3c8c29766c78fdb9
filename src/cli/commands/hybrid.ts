import { keptTimeframes, type KeptTimeframe } from "../../cache/timeframes.ts";
import { coveredUntil } from "../../cache/batches.ts";
import { timeframeName } from "../../core/timeframes.ts";
import { chooseSymbols } from "../../workflows/selection.ts";
import { dryRun, hybrid } from "../../workflows/hybrid.ts";
import type { Command } from "../command.ts";
import { RECHECK_FLAG, rechecksEntitlements } from "../entitlement-flags.ts";
import { exitCodeOfRun, EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  datasetFlag,
  DRY_RUN_FLAG,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  symbolNames,
  type DateRange,
  type FlagValues,
} from "../flags.ts";
import type { Io } from "../command.ts";
import { HEALTHCHECK_FLAG, withHealthcheck } from "../healthcheck.ts";
import { hybridText } from "../render/hybrid.ts";
import { derivedPlanText } from "../render/aggregate.ts";
import { planJson, planText } from "../render/plan.ts";
import { invocationText } from "../render/invocation.ts";
import { requestsPerMinute, RPM_FLAG } from "../rest-flags.ts";
import { printResult, readInvocation, withRun, type Invocation } from "../run.ts";
import { checkSourceFlag, recheckDays, SOURCE_FLAGS } from "../source-flags.ts";
import { retryFlag, retryTimeoutMs } from "../sync-flags.ts";
import { TIMEFRAME_FLAGS, timeframeFlags } from "../timeframe-flags.ts";
import { WAIT_FLAGS, waitOptions } from "../wait-flags.ts";
import { KEEP_FLAG, keepsFiles, TRANSFER_FLAGS, transferLimits } from "../transfer-flags.ts";

const DEFAULT_DAYS = 90;
const RETRY_SECONDS = 20;

export const hybridCommand: Command = {
  name: "hybrid",
  summary: "The main job: flat files for history, the API for recent days, then Postgres",
  flags: {
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    ...RECHECK_FLAG,
    ...SOURCE_FLAGS,
    ...WAIT_FLAGS,
    ...TRANSFER_FLAGS,
    ...RPM_FLAG,
    ...KEEP_FLAG,
    ...TIMEFRAME_FLAGS,
    ...DATABASE_FLAGS,
    ...retryFlag(RETRY_SECONDS),
    ...HEALTHCHECK_FLAG,
    ...DRY_RUN_FLAG,
    ...COMMON_FLAGS,
  },
  examples: [
    "hybrid --symbols=SPX,NDX --days=90",
    "hybrid                                     (the symbols it knows, the last 90 days)",
    "hybrid --symbols=AAPL,TSLA --from=2024-01-01 --to=2024-12-31",
    "hybrid --symbols='*' --dataset=stocks --days=5",
    "hybrid --symbols=SPX --days=700 --no-keep --connections=32 --max-rate=20MB/s",
    "hybrid --symbols=SPX,NDX --days=90 --timeframes=5m,1h,1d",
    "hybrid --days=90 --dry-run",
    "hybrid --symbols=SPX,NDX --days=90 --source=cheapest",
    "hybrid --wait --until=11:30                (in the morning: yesterday's file may be late)",
  ],
  run: (flags, io) =>
    withHealthcheck(flags, io, async () => {
      checkSourceFlag(flags);
      return runHybrid(flags, io, readInvocation(flags, io));
    }),
};

/** Runs the main job with the settings of `invocation`; `demo` calls it with settings of its own. */
export async function runHybrid(
  flags: FlagValues,
  io: Io,
  invocation: Invocation,
  command = "hybrid",
): Promise<number> {
  const { settings, today } = invocation;
  const asked = rangeFlags(flags, today, DEFAULT_DAYS);
  const names = symbolNames(flags);
  const dataset = datasetFlag(flags);
  const how = {
    source: settings.source,
    recheckDays: recheckDays(flags),
    recheckEntitlements: rechecksEntitlements(flags),
    requestsPerMinute: requestsPerMinute(flags),
    limits: transferLimits(flags),
    keepFiles: keepsFiles(flags),
    wait: waitOptions(flags, io.clockMs),
    sync: { retryTimeoutMs: retryTimeoutMs(flags, RETRY_SECONDS) },
  };
  // A mistyped list is told of before anything is fetched.
  timeframeFlags(flags, []);
  const startedMs = performance.now();
  return withRun(command, flags, io, invocation, async (context) => {
    const selection = chooseSymbols(context.cache, names, dataset, settings.symbols);
    // Symbols that are named may be new: their history is what was asked for, not what others lack.
    const isUpdate = names === undefined && !hasRange(flags);
    const range = isUpdate ? sinceLastRun(asked, coveredUntil(context.cache)) : asked;
    const kept = keptTimeframes(context.cache);
    const timeframes = timeframeFlags(flags, kept);
    if (flags["dry-run"] === true) {
      const plan = await dryRun(context, { selection, ...range, ...how, timeframes });
      const made = timeframesMade([...kept, ...timeframes]);
      const json = {
        command,
        dryRun: true,
        ...range,
        source: settings.source,
        ...planJson(plan),
        timeframes: made,
      };
      printResult(flags, io, json, () => `${planText(plan)}${derivedPlanText(made)}`);
      return EXIT_CODES.ok.code;
    }
    const result = await hybrid(context, { selection, ...range, ...how, timeframes });
    const durationMs = Math.round(performance.now() - startedMs);
    const { selection: _, requests, ...json } = result;
    printResult(flags, io, { command, ...json, requests, durationMs }, () =>
      hybridText(result, { dataDir: settings.dataDir, durationMs, again: invocationText(flags) }),
    );
    return exitCodeOfRun({
      failures: result.failures,
      deniedDays: result.days.denied,
      unsynced: result.sync !== null && (result.sync.pending > 0 || result.sync.error !== null),
    });
  });
}

/** The names of the coarser bars that a run makes: those that the cache keeps and those that are named, the finest first. */
function timeframesMade(timeframes: readonly KeptTimeframe[]): string[] {
  const minutes = new Set(timeframes.map(({ timeframeMinutes }) => timeframeMinutes));
  return [...minutes].toSorted((one, other) => one - other).map(timeframeName);
}

/** The default range reaches back to the last run, however long ago that was: no hole between two runs. */
function sinceLastRun(range: DateRange, until: string | null): DateRange {
  return until !== null && until < range.from ? { ...range, from: until } : range;
}
