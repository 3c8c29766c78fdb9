import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { BarsServer } from "../support/bars-server.ts";
import { atMost, measured, type Bench, type BenchCase } from "../support/case.ts";
import { copyCache, syncCache } from "../support/sync-cache.ts";
import { expectSynced, syncDir } from "../support/syncing.ts";
import { workDir } from "../support/work-dir.ts";

const NOTHING = `${OURS}, nothing to send`;
const EVERYTHING = `${OURS}, everything sent again`;

export const syncAgainCase: BenchCase = {
  name: "sync-again",
  title: "`sync` again, 500,000 bars being in the table already, whole process",
  async run(bench) {
    const cache = await syncCache(bench, bench.scale.syncDays);
    await using server = await BarsServer.start();
    using dir = workDir(bench.workFolder);
    copyCache(cache, dir.path);
    expectSynced(await syncDir(bench, server, dir.path), { inserted: cache.bars, pending: 0 });
    await server.settle();
    const times = await alternate(
      bench,
      [
        async () => ({ [NOTHING]: await secondsOfNothing(bench, server, dir.path) }),
        async () => ({ [EVERYTHING]: await secondsOfEverything(bench, server, dir.path) }),
      ],
      { unit: "s", runs: bench.runs, warmUp: true },
    );
    await server.expectBars(cache);
    return measured(times.all, [
      atMost(bench, 1, { what: "nothing to send", value: times.median(NOTHING), unit: "s" }),
      atMost(bench, 1, {
        what: "everything sent again (`--all`), nothing having changed",
        value: times.median(EVERYTHING),
        unit: "s",
        whyMissed: "reading and hashing both sides takes two cores a second",
      }),
    ]);
  },
};

async function secondsOfNothing(bench: Bench, server: BarsServer, dataDir: string): Promise<number> {
  const did = await syncDir(bench, server, dataDir);
  expectSynced(did, { bars: 0, inserted: 0, updated: 0, pending: 0 });
  return did.seconds;
}

async function secondsOfEverything(bench: Bench, server: BarsServer, dataDir: string): Promise<number> {
  const did = await syncDir(bench, server, dataDir, ["--all"]);
  expectSynced(did, { inserted: 0, updated: 0, pending: 0 });
  return did.seconds;
}
