import type { Cache } from "../../cache/cache.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { BackfillError } from "../../core/errors.ts";
import type { RunContext } from "../../workflows/context.ts";
import { verify } from "../../workflows/verify/verify.ts";
import type { VerifyScope } from "../../workflows/verify/scope.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  datasetFlag,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  symbolNames,
  type FlagValues,
} from "../flags.ts";
import { requestsPerMinute, RPM_FLAG } from "../rest-flags.ts";
import { invocationText } from "../render/invocation.ts";
import { verifyText } from "../render/verify.ts";
import { printResult, readInvocation, withReading, withRun, type Invocation } from "../run.ts";
import { requireCache } from "../require-cache.ts";
import { symbolsShown } from "../shown-symbols.ts";
import { checksNamed, percentFlag, VERIFY_FLAGS } from "../verify-flags.ts";

const DEFAULT_DAYS = 90;

export const verifyCommand: Command = {
  name: "verify",
  summary: "Check that the bars are right: the cache, its flat files, Postgres, and against the vendor",
  flags: {
    ...VERIFY_FLAGS,
    ...RPM_FLAG,
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    ...DATABASE_FLAGS,
    ...COMMON_FLAGS,
  },
  examples: [
    "verify",
    "verify --files --symbols=SPX --days=30",
    "verify --target --repair                                       (then: sync)",
    "verify --source --from=2024-01-01 --to=2024-12-31",
    "verify --api --days=5 --json",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const checks = checksNamed(flags);
    const options = {
      jumpPercent: percentFlag(flags, "jump"),
      tolerancePercent: percentFlag(flags, "tolerance") ?? 0,
      repair: flags["repair"] === true,
      requestsPerMinute: requestsPerMinute(flags),
    };
    requireCache(invocation.settings.dataDir, "verify");
    const startedMs = performance.now();
    const work = async (context: RunContext) => {
      const scope = scopeOf(context.cache, flags, invocation);
      const results = await verify(context, checks, scope, options);
      const faults = results.reduce((sum, { faultCount }) => sum + faultCount, 0);
      const durationMs = Math.round(performance.now() - startedMs);
      const { dataDir } = invocation.settings;
      const json = { command: "verify", dataDir, ...scope.range, checks: results, faults, durationMs };
      printResult(flags, io, json, () =>
        verifyText(results, {
          dataDir,
          durationMs,
          again: invocationText(flags),
          today: invocation.today,
          repaired: options.repair,
        }),
      );
      return faults > 0 ? EXIT_CODES.faults.code : EXIT_CODES.ok.code;
    };
    // Only a repair writes, so any other check may be made beside a run.
    return options.repair
      ? withRun("verify", flags, io, invocation, work)
      : withReading(flags, io, invocation, work);
  },
};

/** What the flags mean. Throws a `usage` error for what the cache has nothing of: that would all be right. */
function scopeOf(cache: Cache, flags: FlagValues, { today }: Invocation): VerifyScope {
  const symbols = symbolsShown(cache, flags);
  for (const symbol of symbols)
    if (symbolNames(flags) !== undefined && knownSymbolId(cache, symbol) === null)
      throw nothingOf(`${symbol.symbol} (${symbol.dataset})`);
  const dataset = datasetFlag(flags);
  if (symbols.length === 0 && dataset !== undefined) throw nothingOf(dataset);
  return {
    symbols,
    range: hasRange(flags) ? rangeFlags(flags, today, DEFAULT_DAYS) : null,
  };
}

function nothingOf(what: string): BackfillError {
  return new BackfillError({
    kind: "usage",
    operation: "choose what to verify",
    reason: `the cache has nothing of ${what}`,
    nextStep: "See what is cached with: massive-backfill status.",
  });
}
