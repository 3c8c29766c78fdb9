import { emptyCache, openCacheToRead } from "../../cache/cache.ts";
import { knownSymbols } from "../../cache/symbols.ts";
import { parseTarget } from "../../postgres/target.ts";
import { waitingDays } from "../../workflows/aggregate/waiting-days.ts";
import { requireDatabase } from "../../workflows/database.ts";
import { planSync } from "../../workflows/sync-plan.ts";
import { selectBatches, type SyncScope } from "../../workflows/sync-selection.ts";
import { recordedSync } from "../../workflows/recorded-sync.ts";
import { nothingSent } from "../../workflows/sync.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  DRY_RUN_FLAG,
  RANGE_FLAGS,
  SYMBOL_FLAGS,
  textFlag,
  type FlagValues,
} from "../flags.ts";
import { sentText, syncPlanText, syncText } from "../render/sync.ts";
import { printResult, readInvocation, withRun, type Invocation } from "../run.ts";
import { requireCache } from "../require-cache.ts";
import { batchRows, retryFlag, retryTimeoutMs, SYNC_FLAGS, syncScope } from "../sync-flags.ts";
import { refuseSyntheticSync } from "../synthetic.ts";

const RETRY_SECONDS = 120;

export const syncCommand: Command = {
  name: "sync",
  summary: "Bring everything that is not synced yet from the cache into Postgres",
  flags: {
    ...SYNC_FLAGS,
    ...SYMBOL_FLAGS,
    from: RANGE_FLAGS.from,
    to: { ...RANGE_FLAGS.to, description: "last day (--endDate works too)" },
    ...retryFlag(RETRY_SECONDS),
    ...DATABASE_FLAGS,
    ...DRY_RUN_FLAG,
    ...COMMON_FLAGS,
  },
  examples: [
    "sync",
    "sync --dry-run",
    "sync --all --symbols=SPX --from=2024-01-01 --to=2024-12-31",
    "sync --database-url=postgres://user:password@localhost:5432/market --table=research.bars",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    if (flags["dry-run"] === true) return dryRun(flags, io, invocation);
    if (textFlag(flags, "database-url") === undefined) refuseSyntheticSync(invocation.settings.dataDir);
    const scope = syncScope(flags);
    const { settings } = invocation;
    parseTarget(requireDatabase(settings), settings.table);
    requireCache(settings.dataDir, "sync");
    const how = {
      all: flags["all"] === true,
      retryTimeoutMs: retryTimeoutMs(flags, RETRY_SECONDS),
      ...batchRows(flags),
    };
    const startedMs = performance.now();
    return withRun("sync", flags, io, invocation, async (context) => {
      const sent = nothingSent();
      const options = { ...how, selection: selectBatches(context.cache, scope) };
      const done = await recordedSync(context, options, sent).catch((error: unknown) => {
        if (sent.batches > 0)
          context.progress.warn(`${sentText(sent)}: run the same command again for the rest.`);
        throw error;
      });
      const durationMs = Math.round(performance.now() - startedMs);
      printResult(flags, io, { command: "sync", ...done, durationMs }, () =>
        syncText(done, durationMs, isNarrow(scope)),
      );
      return done.sync.pending > 0 ? EXIT_CODES.unsynced.code : EXIT_CODES.ok.code;
    });
  },
};

function isNarrow(scope: SyncScope): boolean {
  return Object.values(scope).some((value) => value !== null);
}

/** Looks into the cache alone, so it works beside another run and without the database. */
function dryRun(flags: FlagValues, io: Io, { settings }: Invocation): number {
  const cache = openCacheToRead(settings.dataDir) ?? emptyCache();
  try {
    const selection = selectBatches(cache, syncScope(flags));
    const plan = {
      ...planSync({ cache, settings }, { all: flags["all"] === true, selection }),
      waitingDays: waitingDays(cache, knownSymbols(cache), null),
    };
    printResult(flags, io, { command: "sync", dryRun: true, ...plan }, () => syncPlanText(plan));
    return EXIT_CODES.ok.code;
  } finally {
    cache.close();
  }
}
