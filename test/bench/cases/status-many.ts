import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { atMost, measured, type BenchCase } from "../support/case.ts";
import { LAST_DATE, manifestCache, TARGET_URL } from "../support/manifest-cache.ts";
import { timed } from "../support/process.ts";

const MS = 1000;
const MOST_MS = 500;

export const statusManyCase: BenchCase = {
  name: "status-many",
  title: "`status` on a cache of 2,500 days × 500 symbols, whole process",
  async run(bench) {
    const dataDir = await manifestCache(bench);
    const { statusDays, statusSymbols } = bench.scale;
    const times = await alternate(
      bench,
      [
        async () => {
          const { seconds, stdout } = await timed([
            bench.binary,
            "status",
            `--data-dir=${dataDir}`,
            `--today=${LAST_DATE}`,
            `--database-url=${TARGET_URL}`,
          ]);
          const complete = `${(statusDays * statusSymbols).toLocaleString("en-US")} complete`;
          if (!stdout.includes(complete) || !stdout.includes("all synced to"))
            throw new Error(`not all days are complete and synced:\n${stdout.slice(-1000)}`);
          return { [OURS]: seconds * MS };
        },
      ],
      { unit: "ms", runs: bench.runs * 2, warmUp: true },
    );
    const time = { what: "time", value: times.median(OURS), unit: "ms" } as const;
    return measured(times.all, [atMost(bench, MOST_MS, time)]);
  },
};
