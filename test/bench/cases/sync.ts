import { join } from "node:path";
import { findPsql, PSQL, psqlSeconds } from "../peers/psql.ts";
import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { BarsServer } from "../support/bars-server.ts";
import { atLeast, measured, notRun, type BenchCase } from "../support/case.ts";
import { syncCache, writeBarsText } from "../support/sync-cache.ts";
import { expectSynced, makeModel, syncCopy } from "../support/syncing.ts";
import { workDir } from "../support/work-dir.ts";

export const syncCase: BenchCase = {
  name: "sync",
  title: "`sync` of 500,000 bars into an empty table, whole process",
  async run(bench) {
    const psql = findPsql();
    if (psql === null) return notRun("psql is not here");
    const cache = await syncCache(bench, bench.scale.syncDays);
    using dir = workDir(bench.workFolder);
    const text = join(dir.path, "bars.tsv");
    await writeBarsText(cache, text);
    await using server = await BarsServer.start();
    await makeModel(bench, server, cache);
    const rates = await alternate(
      bench,
      [
        async () => {
          await server.emptyTable();
          const did = await syncCopy(bench, server, cache);
          expectSynced(did, { inserted: cache.bars, pending: 0 });
          await server.expectBars(cache);
          return { [OURS]: cache.bars / did.seconds };
        },
        async () => {
          await server.emptyTable();
          const seconds = await psqlSeconds(psql, server.url, text);
          await server.expectBars(cache);
          return { [PSQL]: cache.bars / seconds };
        },
      ],
      { unit: "rows/s", runs: bench.runs, warmUp: true },
    );
    return measured(
      rates.all,
      [
        atLeast(bench, 0.85, {
          what: "rate against `psql \\copy` of the same rows",
          value: rates.ratio(OURS, PSQL),
          unit: "×",
          whyMissed: "0.74 to 0.88 from run to run on this machine: PostgreSQL's own time varies as much",
        }),
      ],
      [
        "Five stocks, 390 to 860 bars a day, no column empty; PostgreSQL 18 on the same machine with its default settings. The table has its primary key, is made anew for each run, after a checkpoint; then all its values are checked.",
      ],
    );
  },
};
