import { statSync } from "node:fs";
import { emptyCache, openCacheToRead, type Cache } from "../../cache/cache.ts";
import { earliestDay } from "../../cache/batches.ts";
import { addDays } from "../../core/dates.ts";
import { gapsOf, type Gap } from "../../workflows/coverage/gaps.ts";
import { status, type Status } from "../../workflows/coverage/status.ts";
import { followAnnouncedDays } from "../../workflows/calendar/announced.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  usage,
  type FlagValues,
} from "../flags.ts";
import { gapsJson } from "../render/status/json.ts";
import { statusJson } from "../../workflows/coverage/status-json.ts";
import { gapsReport, statusText } from "../render/status/text.ts";
import { invocationText } from "../render/invocation.ts";
import { printResult, readInvocation, type Invocation } from "../run.ts";
import { symbolsShown } from "../shown-symbols.ts";
import { targetName } from "../target-name.ts";

const DEFAULT_DAYS = 90;

export const statusCommand: Command = {
  name: "status",
  summary: "Show which days are there, where they came from, what is missing and why",
  flags: {
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    gaps: { type: "boolean", description: "list each gap as a range, with its cause and what fills it" },
    check: { type: "boolean", description: "exit with 6 if there are gaps" },
    csv: {
      type: "boolean",
      description: "print a row for each symbol and day (with --gaps: for each range)",
    },
    "refresh-calendar": {
      type: "boolean",
      description: "ask the API first which days the exchange has announced to close",
    },
    ...DATABASE_FLAGS,
    ...COMMON_FLAGS,
  },
  examples: [
    "status",
    "status --symbols=SPX --from=2024-01-01",
    "status --gaps --dataset=stocks",
    "status --check --json",
    "status --csv --from=2024-01-01",
  ],
  async run(flags, io) {
    if (flags["csv"] === true && flags["json"] === true)
      throw usage("csv", "--json is given too", "Choose one of them.");
    const invocation = readInvocation(flags, io);
    if (flags["refresh-calendar"] === true) await refreshCalendar(flags, io, invocation);
    const cache = openCacheToRead(invocation.settings.dataDir) ?? emptyCache();
    try {
      followAnnouncedDays(cache);
      const result = status(cache, {
        symbols: symbolsShown(cache, flags),
        ...rangeFor(cache, flags, invocation),
        nowMs: invocation.nowMs,
        target: targetName(invocation.settings),
      });
      const gaps = result.symbols.flatMap((coverage) => gapsOf(coverage, invocation.nowMs));
      await print(result, gaps, flags, io, {
        dataDir: invocation.settings.dataDir,
        cacheBytes: sizeOf(cache),
      });
      return flags["check"] === true && result.gaps > 0 ? EXIT_CODES.faults.code : EXIT_CODES.ok.code;
    } finally {
      cache.close();
    }
  },
};

async function print(
  result: Status,
  gaps: readonly Gap[],
  flags: FlagValues,
  io: Io,
  place: { readonly dataDir: string; readonly cacheBytes: number },
): Promise<void> {
  const again = invocationText(flags);
  const { colour, columns } = io.terminal;
  const onlyGaps = flags["gaps"] === true;
  if (flags["csv"] === true) {
    const { gapsCsv, statusCsv } = await import("../render/status/csv.ts");
    for (const text of onlyGaps ? [gapsCsv(gaps, again)] : statusCsv(result)) io.terminal.out(text);
    return;
  }
  const { dataDir, cacheBytes } = place;
  const json = () => ({
    dataDir,
    ...(onlyGaps ? gapsJson(result, gaps, again) : statusJson(result, cacheBytes)),
  });
  const text = onlyGaps ? gapsReport : statusText;
  printResult(flags, io, json, () => text(result, gaps, { ...place, colour, columns, again }));
}

/** Takes the lock, since what the vendor announces is remembered. */
async function refreshCalendar(flags: FlagValues, io: Io, invocation: Invocation): Promise<void> {
  const { refreshAnnouncedDays } = await import("../../workflows/calendar/refresh.ts");
  const { withRun } = await import("../run.ts");
  await withRun("status", flags, io, invocation, (context) => refreshAnnouncedDays(context));
}

/** The range asked for, else from the first day the cache has to today. */
function rangeFor(cache: Cache, flags: FlagValues, { today }: Invocation): { from: string; to: string } {
  if (hasRange(flags)) return rangeFlags(flags, today, DEFAULT_DAYS);
  const first = earliestDay(cache);
  return { from: first !== null && first <= today ? first : addDays(today, -DEFAULT_DAYS), to: today };
}

/** Bytes of the cache on disk, with what waits to be merged into it. */
function sizeOf({ path }: Cache): number {
  return [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
