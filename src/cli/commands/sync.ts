import { sync, type SyncResult } from "../../workflows/sync.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { COMMON_FLAGS, DATABASE_FLAGS, textFlag } from "../flags.ts";
import { formatDuration } from "../../core/format.ts";
import { databaseSection } from "../render/run-summary.ts";
import { printResult, readInvocation, withRun } from "../run.ts";
import { refuseSyntheticSync } from "../synthetic.ts";

export const syncCommand: Command = {
  name: "sync",
  summary: "Bring everything that is not synced yet from the cache into Postgres",
  flags: { ...DATABASE_FLAGS, ...COMMON_FLAGS },
  examples: [
    "sync",
    "sync --database-url=postgres://user:password@localhost:5432/market --table=research.bars",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    if (textFlag(flags, "database-url") === undefined) refuseSyntheticSync(invocation.settings.dataDir);
    const startedMs = performance.now();
    return withRun("sync", flags, io, invocation, async (context) => {
      const result = await sync(context);
      const durationMs = Math.round(performance.now() - startedMs);
      printResult(flags, io, { command: "sync", sync: result, durationMs }, () =>
        syncText(result, durationMs),
      );
      return result.pending > 0 ? EXIT_CODES.unsynced.code : EXIT_CODES.ok.code;
    });
  },
};

function syncText(result: SyncResult, durationMs: number): string {
  const verdict = result.batches === 0 ? "Nothing to sync: Postgres has it all.\n" : "";
  return `${verdict}${databaseSection(result)}  in ${formatDuration(durationMs)}\n`;
}
