import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { atMost, measured, type BenchCase } from "../support/case.ts";
import { timed } from "../support/process.ts";
import { LAST_DATE, statusCache } from "../support/status-cache.ts";

const TIMES_AS_MANY = 4;
const SYMBOLS = 3;
const MS = 1000;

export const statusCase: BenchCase = {
  name: "status",
  title: "`status` on a cache of 2,500 days × 3 symbols, whole process",
  async run(bench) {
    const dataDir = await statusCache(bench);
    const times = await alternate(
      bench,
      [
        async () => {
          const { seconds, stdout } = await timed([
            bench.binary,
            "status",
            `--data-dir=${dataDir}`,
            `--today=${LAST_DATE}`,
          ]);
          if (!stdout.includes(`${(bench.scale.statusDays * SYMBOLS).toLocaleString("en-US")} complete`))
            throw new Error(`not all days are complete:\n${stdout.slice(-1000)}`);
          return { [OURS]: seconds * MS };
        },
      ],
      { unit: "ms", runs: bench.runs * TIMES_AS_MANY, warmUp: true },
    );
    return measured(times.all, [atMost(bench, 150, { what: "time", value: times.median(OURS), unit: "ms" })]);
  },
};
