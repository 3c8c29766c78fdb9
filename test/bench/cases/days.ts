import { startServer, type Server } from "../server/start.ts";
import { alternate } from "../support/alternate.ts";
import { expectBars, OURS, rangeOfDays } from "../support/backfill.ts";
import { atLeast, measured, type Bench, type BenchCase } from "../support/case.ts";
import type { DayFile } from "../support/day-files.ts";
import { timed } from "../support/process.ts";
import { threeTickers } from "../support/tickers.ts";
import { workDir } from "../support/work-dir.ts";

const ONE_DAY = "one day, same command";

export const daysCase: BenchCase = {
  name: "days",
  title: "20 downloaded days filtered to 3 symbols",
  async run(bench) {
    const days = await bench.days.days(bench.scale, bench.scale.days);
    await using server = await startServer(days, { folder: bench.workFolder });
    const times = await alternate(
      bench,
      [
        async () => ({ [OURS]: await parseSeconds(bench, server, days) }),
        async () => ({ [ONE_DAY]: await parseSeconds(bench, server, days.slice(0, 1)) }),
      ],
      { unit: "s", runs: bench.runs, warmUp: true },
    );
    return measured(times.all, [
      atLeast(bench, 1.7, {
        what: "days a second, against one day on its own",
        value: days.length / times.ratio(OURS, ONE_DAY),
        unit: "×",
        whyMissed: "unpacking and the search fill both cores already",
      }),
    ]);
  },
};

/** Seconds of `parse` of days that `download` has brought, into an empty cache. */
async function parseSeconds(bench: Bench, server: Server, days: readonly DayFile[]): Promise<number> {
  using dir = workDir(bench.workFolder);
  const common = ["--dataset=indices", `--data-dir=${dir.path}`, ...rangeOfDays(days), "--quiet"];
  const options = { env: server.env, cwd: dir.path };
  await timed([bench.binary, "download", ...common], options);
  const tickers = threeTickers(bench.scale.tickers);
  const { seconds } = await timed(
    [bench.binary, "parse", `--symbols=${tickers.join(",")}`, ...common],
    options,
  );
  expectBars(dir.path, days.length * tickers.length * bench.scale.minutes);
  return seconds;
}
