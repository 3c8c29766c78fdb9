import { join } from "node:path";
import { startServer, type Server } from "../server/start.ts";
import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { atLeast, measured, notRun, type Bench, type BenchCase } from "../support/case.ts";
import type { DayFile } from "../support/day-files.ts";
import { timed } from "../support/process.ts";
import { DEFAULT_CONNECTIONS, downloadSeconds, expectBytes } from "../support/transfer.ts";
import { workDir } from "../support/work-dir.ts";

const CURL = "curl";
const CURL_PARALLEL = "curl --parallel";
const WHY_MISSED = "the MD5 of every file and node:http take as long again as what curl does";

export const downloadLoopbackCase: BenchCase = {
  name: "download-loopback",
  title: "Download of 20 files from an unthrottled server on the same machine",
  async run(bench) {
    if (Bun.which("curl") === null) return notRun("curl is not on this machine");
    const days = await bench.days.days(bench.scale, bench.scale.days);
    await using server = await startServer(days, { folder: bench.workFolder });
    const times = await alternate(
      bench,
      [
        async () => ({ [OURS]: await downloadSeconds(bench, server, days, DEFAULT_CONNECTIONS) }),
        async () => ({ [CURL]: await curlSeconds(bench, server, days, []) }),
        async () => ({ [CURL_PARALLEL]: await curlSeconds(bench, server, days, ["--parallel"]) }),
      ],
      { unit: "s", runs: bench.runs, warmUp: true },
    );
    return measured(
      times.all,
      [
        atLeast(bench, 0.6, {
          what: "the rate of curl, which gets one file after the other",
          value: times.ratio(CURL, OURS),
          unit: "×",
          whyMissed: WHY_MISSED,
        }),
        atLeast(bench, 0.6, {
          what: "the rate of `curl --parallel`",
          value: times.ratio(CURL_PARALLEL, OURS),
          unit: "×",
          whyMissed: WHY_MISSED,
        }),
      ],
      [
        "curl checks nothing; ours verifies length and MD5 of every file and makes sure that it is on the disk.",
      ],
    );
  },
};

async function curlSeconds(
  bench: Bench,
  server: Server,
  days: readonly DayFile[],
  flags: readonly string[],
): Promise<number> {
  using dir = workDir(bench.workFolder);
  const files = days.flatMap((day) => ["--output", join(dir.path, `${day.date}.csv.gz`), server.urlOf(day)]);
  const { seconds } = await timed(["curl", "--silent", "--fail", ...flags, ...files]);
  expectBytes(dir.path, days);
  return seconds;
}
