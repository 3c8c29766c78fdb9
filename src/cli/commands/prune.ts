import type { RunContext } from "../../workflows/context.ts";
import type { PruneLimits } from "../../workflows/prune/plan-prune.ts";
import { previewPrune, prune } from "../../workflows/prune/prune.ts";
import { bytesOf } from "../byte-size.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  DRY_RUN_FLAG,
  RANGE_FLAGS,
  textFlag,
  usage,
  wholeNumberFlag,
  type FlagValues,
} from "../flags.ts";
import { pruneJson, pruneText } from "../render/prune.ts";
import { requireCache } from "../require-cache.ts";
import { printResult, readInvocation, withReading, withRun } from "../run.ts";

const MAX_DAYS = 20_000;

export const pruneCommand: Command = {
  name: "prune",
  summary: "Delete flat files whose bars are in the cache (and in Postgres, if a database is set)",
  flags: {
    "keep-days": {
      type: "string",
      description: "never the files of today and the N calendar days before it; alone: all that are older",
      valueHint: "N",
    },
    "max-size": {
      type: "string",
      description: "only the oldest, until those that stay take at most that much: 20GB, 500MB",
      valueHint: "SIZE",
    },
    force: {
      type: "boolean",
      description: "delete also what is not read or not synced yet, or was not downloaded by this program",
    },
    today: RANGE_FLAGS.today,
    ...DATABASE_FLAGS,
    ...DRY_RUN_FLAG,
    ...COMMON_FLAGS,
  },
  examples: [
    "prune --dry-run",
    "prune                           (every file that is no longer needed)",
    "prune --keep-days=30",
    "prune --max-size=20GB",
    "prune --max-size=20GB --keep-days=30      (down to 20 GB, but never the last 30 days)",
  ],
  async run(flags, io) {
    const limits = pruneLimits(flags);
    const invocation = readInvocation(flags, io);
    const { dataDir } = invocation.settings;
    requireCache(dataDir, "prune");
    const isDryRun = flags["dry-run"] === true;
    const work = async (context: RunContext) => {
      const plan = await (isDryRun ? previewPrune : prune)(context, limits);
      const json = { command: "prune", dataDir, dryRun: isDryRun, ...pruneJson(plan) };
      printResult(flags, io, json, () => pruneText(plan, isDryRun));
      return plan.failed.length > 0 ? EXIT_CODES.days.code : EXIT_CODES.ok.code;
    };
    return isDryRun
      ? withReading(flags, io, invocation, work)
      : withRun("prune", flags, io, invocation, work);
  },
};

function pruneLimits(flags: FlagValues): PruneLimits {
  return {
    keepDays: wholeNumberFlag(flags, "keep-days", { most: MAX_DAYS }) ?? null,
    maxBytes: sizeFlag(flags),
    force: flags["force"] === true,
  };
}

function sizeFlag(flags: FlagValues): number | null {
  const text = textFlag(flags, "max-size");
  if (text === undefined) return null;
  const bytes = bytesOf(text);
  if (!Number.isNaN(bytes)) return Math.round(bytes);
  throw usage(
    "max-size",
    `"${text}" is not a size`,
    "Write it as --max-size=20GB (kB, MB, GB, TB, or KiB, MiB, GiB, TiB).",
  );
}
