import { emptyCache, openCacheToRead } from "../../cache/cache.ts";
import { earliestDay } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { addDays } from "../../core/dates.ts";
import { parseTarget } from "../../postgres/target.ts";
import { status } from "../../workflows/status.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  type FlagValues,
} from "../flags.ts";
import { statusText } from "../render/status.ts";
import { invocationText } from "../render/invocation.ts";
import { printResult, readInvocation, type Invocation } from "../run.ts";
import { symbolsShown } from "../shown-symbols.ts";

const DEFAULT_DAYS = 90;

export const statusCommand: Command = {
  name: "status",
  summary: "Show which days are there, where they came from, what is missing and why",
  flags: {
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    ...DATABASE_FLAGS,
    check: { type: "boolean", description: "exit with 6 if there are gaps" },
    ...COMMON_FLAGS,
  },
  examples: ["status", "status --symbols=SPX --from=2024-01-01", "status --check --json"],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const { dataDir } = invocation.settings;
    const cache = openCacheToRead(dataDir) ?? emptyCache();
    try {
      const result = status(cache, {
        symbols: symbolsShown(cache, flags),
        ...rangeFor(cache, flags, invocation),
        nowMs: invocation.nowMs,
        target: targetName(invocation),
      });
      printResult(flags, io, { dataDir, ...result }, () =>
        statusText(result, { dataDir, colour: io.terminal.colour, again: invocationText(flags) }),
      );
      return flags["check"] === true && result.gaps > 0 ? EXIT_CODES.faults.code : EXIT_CODES.ok.code;
    } finally {
      cache.close();
    }
  },
};

/** The range asked for, else from the first day the cache has to today. */
function rangeFor(cache: Cache, flags: FlagValues, { today }: Invocation): { from: string; to: string } {
  if (hasRange(flags)) return rangeFlags(flags, today, DEFAULT_DAYS);
  const first = earliestDay(cache);
  return { from: first !== null && first <= today ? first : addDays(today, -DEFAULT_DAYS), to: today };
}

function targetName({ settings }: Invocation): string | null {
  return settings.databaseUrl === null ? null : parseTarget(settings.databaseUrl, settings.table).name;
}
