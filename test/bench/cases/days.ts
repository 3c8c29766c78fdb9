import { alternate } from "../support/alternate.ts";
import { expectBars, OURS } from "../support/backfill.ts";
import { atLeast, measured, type Bench, type BenchCase } from "../support/case.ts";
import { layInto, type DayFile } from "../support/day-files.ts";
import { timed } from "../support/process.ts";
import { threeTickers } from "../support/tickers.ts";
import { workDir } from "../support/work-dir.ts";

const ONE_DAY = "one day, same command";

export const daysCase: BenchCase = {
  name: "days",
  title: "20 downloaded days filtered to 3 symbols",
  async run(bench) {
    const days = await bench.days.days(bench.scale, bench.scale.days);
    const [first] = days;
    if (first === undefined) throw new Error("there are no days");
    const tickers = threeTickers(bench.scale.tickers);
    const times = await alternate(
      bench,
      [
        async () => ({ [OURS]: await folderSeconds(bench, days, tickers) }),
        async () => ({ [ONE_DAY]: await folderSeconds(bench, [first], tickers) }),
      ],
      { unit: "s", runs: bench.runs, warmUp: true },
    );
    return measured(times.all, [
      atLeast(bench, 1.7, {
        what: "days a second, against one day on its own",
        value: days.length / times.ratio(OURS, ONE_DAY),
        unit: "×",
        whyMissed: "unpacking, the MD5 of files of unknown origin and the search fill both cores already",
      }),
    ]);
  },
};

/** Seconds of `parse` of all files that lie in a data directory without a cache. */
async function folderSeconds(
  bench: Bench,
  days: readonly DayFile[],
  tickers: readonly string[],
): Promise<number> {
  using dir = workDir(bench.workFolder);
  layInto(dir.path, days);
  const flags = ["--dataset=indices", `--symbols=${tickers.join(",")}`, `--data-dir=${dir.path}`, "--quiet"];
  const { seconds } = await timed([bench.binary, "parse", ...flags]);
  expectBars(dir.path, days.length * tickers.length * bench.scale.minutes);
  return seconds;
}
