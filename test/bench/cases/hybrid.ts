import { startServer, type Server } from "../server/start.ts";
import { alternate } from "../support/alternate.ts";
import { expectBars, OURS, rangeOfDays } from "../support/backfill.ts";
import { atMost, measured, type Bench, type BenchCase } from "../support/case.ts";
import type { DayFile } from "../support/day-files.ts";
import { timed } from "../support/process.ts";
import { threeTickers } from "../support/tickers.ts";
import {
  connectionFlag,
  DEFAULT_CONNECTIONS,
  downloadSeconds,
  knowsConnections,
} from "../support/transfer.ts";
import { workDir } from "../support/work-dir.ts";

const DOWNLOAD = "download alone";
const MANY_CONNECTIONS = 64;
const MOST_RUNS = 3;

export const hybridCase: BenchCase = {
  name: "hybrid",
  title: "`hybrid` from that slow server, against the pure download",
  async run(bench) {
    const manyToo = await knowsConnections(bench);
    const connections = manyToo ? MANY_CONNECTIONS : DEFAULT_CONNECTIONS;
    const dayCount = manyToo ? bench.scale.days : bench.scale.slowDays;
    const days = await bench.days.days(bench.scale, dayCount);
    const { bytesPerSecond } = bench.scale;
    await using server = await startServer(days, { folder: bench.workFolder, bytesPerSecond });
    const times = await alternate(
      bench,
      [
        async () => ({ [OURS]: await hybridSeconds(bench, server, days, connections) }),
        async () => ({ [DOWNLOAD]: await downloadSeconds(bench, server, days, connections) }),
      ],
      { unit: "s", runs: Math.min(bench.runs, MOST_RUNS), warmUp: false },
    );
    return measured(
      times.all,
      [
        atMost(bench, 1.1, {
          what: "time against the download alone",
          value: times.ratio(OURS, DOWNLOAD),
          unit: "×",
        }),
      ],
      [`${days.length} days over ${connections} connections of 1 MB/s, 3 symbols kept.`],
    );
  },
};

async function hybridSeconds(
  bench: Bench,
  server: Server,
  days: readonly DayFile[],
  connections: number,
): Promise<number> {
  using dir = workDir(bench.workFolder);
  const tickers = threeTickers(bench.scale.tickers);
  const asked = ["--dataset=indices", `--symbols=${tickers.join(",")}`, ...rangeOfDays(days)];
  const how = [`--data-dir=${dir.path}`, "--quiet", ...connectionFlag(connections)];
  const { seconds } = await timed([bench.binary, "hybrid", ...asked, ...how], {
    env: server.env,
    cwd: dir.path,
  });
  expectBars(dir.path, days.length * tickers.length * bench.scale.minutes);
  return seconds;
}
