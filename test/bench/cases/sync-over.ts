import { join } from "node:path";
import { findPsql, PSQL, psqlSeconds } from "../peers/psql.ts";
import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { BarsServer } from "../support/bars-server.ts";
import { atLeast, measured, notRun, type Bench, type BenchCase } from "../support/case.ts";
import { syncCache, writeBarsText, type SyncCache } from "../support/sync-cache.ts";
import { expectSynced, makeModel, syncCopy } from "../support/syncing.ts";
import { workDir } from "../support/work-dir.ts";

const MOST_RUNS = 3;
const COMPARED_TWICE = "the comparison of all rows by the server, twice where a batch differs";
const UPDATES_COST =
  "PostgreSQL alone takes 9 µs to update a row, as against 3 µs to copy one in: a new version, its index entry, both in the log";

/** Bars that differ between table and cache: to their values in the table `added` (SQL) is added. */
const ALL = { name: `${OURS}, every bar differs`, added: "1" };
const FEW = { name: `${OURS}, one bar in a hundred differs`, added: "timestamp / 60000 % 100 = 0" };
const NONE = { name: `${OURS}, no bar differs`, added: "0" };

export const syncOverCase: BenchCase = {
  name: "sync-over",
  title: "`sync` of 500,000 bars over those that the table holds, whole process",
  async run(bench) {
    const psql = findPsql();
    if (psql === null) return notRun("psql is not here");
    const cache = await syncCache(bench, bench.scale.syncDays);
    using dir = workDir(bench.workFolder);
    const text = join(dir.path, "bars.tsv");
    await writeBarsText(cache, text);
    await using server = await BarsServer.start();
    await makeModel(bench, server, cache);
    const ours = [NONE, FEW, ALL].map(({ name, added }) => async () => ({
      [name]: await rateOver(bench, server, cache, added),
    }));
    const peer = async () => {
      await server.emptyTable();
      return { [PSQL]: cache.bars / (await psqlSeconds(psql, server.url, text)) };
    };
    // A sync and a copy that fill the table for the first time have gone before.
    const rounds = { unit: "rows/s", runs: Math.min(bench.runs, MOST_RUNS), warmUp: false } as const;
    const rates = await alternate(bench, [...ours, peer], rounds);
    const against = "rate against `psql \\copy` into an empty table";
    const finding = (words: string, name: string, whyMissed = "") =>
      atLeast(bench, 0.45, {
        what: `${against}, ${words}`,
        value: rates.ratio(name, PSQL),
        unit: "×",
        whyMissed,
      });
    return measured(
      rates.all,
      [
        finding("no bar differing", NONE.name),
        finding("one in a hundred differing", FEW.name, COMPARED_TWICE),
        finding("every bar differing", ALL.name, UPDATES_COST),
      ],
      ["The cache knows nothing of the rows in the table."],
    );
  },
};

async function rateOver(bench: Bench, server: BarsServer, cache: SyncCache, added: string): Promise<number> {
  const updated = await server.fillTable(added);
  const did = await syncCopy(bench, server, cache);
  expectSynced(did, { inserted: 0, updated, pending: 0 });
  await server.expectBars(cache);
  return cache.bars / did.seconds;
}
