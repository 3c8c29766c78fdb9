import { startServer } from "../server/start.ts";
import { series } from "../support/alternate.ts";
import { bytesOf } from "../support/backfill.ts";
import { atLeast, measured, type Bench, type BenchCase } from "../support/case.ts";
import type { Finding, Series } from "../support/results.ts";
import { DEFAULT_CONNECTIONS, downloadSeconds, knowsConnections } from "../support/transfer.ts";

const MB = 1e6;
const MANY_CONNECTIONS = 64;
const MOST_RUNS = 3;

export const downloadCase: BenchCase = {
  name: "download",
  title: "Download from a server that gives 1 MB/s to a connection",
  async run(bench) {
    const results = [await slowDownload(bench, DEFAULT_CONNECTIONS, bench.scale.slowDays)];
    const manyToo = await knowsConnections(bench);
    if (manyToo) results.push(await slowDownload(bench, MANY_CONNECTIONS, bench.scale.days));
    const sizes = `${bench.scale.slowDays} files over ${DEFAULT_CONNECTIONS} connections`;
    const more = manyToo
      ? `${bench.scale.days} over ${MANY_CONNECTIONS}`
      : `${MANY_CONNECTIONS} were not tried, since this program has no \`--connections\``;
    return measured(
      results.map(({ rate }) => rate),
      results.map(({ finding }) => finding),
      [
        `${sizes}, ${more}; the whole process is timed, from its start to the last file verified and in its place.`,
      ],
    );
  },
};

async function slowDownload(
  bench: Bench,
  connections: number,
  dayCount: number,
): Promise<{ rate: Series; finding: Finding }> {
  const { bytesPerSecond } = bench.scale;
  const days = await bench.days.days(bench.scale, dayCount);
  await using server = await startServer(days, { folder: bench.workFolder, bytesPerSecond });
  const rates: number[] = [];
  const runs = Math.min(bench.runs, MOST_RUNS);
  for (let run = 1; run <= runs; run++) {
    bench.say(`${connections} connections, run ${run} of ${runs}`);
    rates.push(bytesOf(days) / MB / (await downloadSeconds(bench, server, days, connections)));
  }
  const rate = series(`${connections} connections`, "MB/s", rates);
  const line = (connections * bytesPerSecond) / MB;
  const what = `of what ${connections} connections of 1 MB/s can bring`;
  return { rate, finding: atLeast(bench, 0.9, { what, value: rate.median / line, unit: "×" }) };
}
