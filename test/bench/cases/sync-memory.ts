import { series } from "../support/alternate.ts";
import { BarsServer } from "../support/bars-server.ts";
import { atMost, measured, type BenchCase } from "../support/case.ts";
import { syncCache } from "../support/sync-cache.ts";
import { syncPeakBytes } from "../support/syncing.ts";

const MB = 1e6;
const LIMIT_MB = 200;

export const syncMemoryCase: BenchCase = {
  name: "sync-memory",
  title: "Peak memory (RSS) of `sync` into an empty table",
  async run(bench) {
    const { syncDays, manySyncDays } = bench.scale;
    const sizes = [
      { what: "500,000 bars", days: syncDays },
      { what: "5,000,000 bars", days: manySyncDays },
    ];
    const results = [];
    for (const { what, days } of sizes) {
      const cache = await syncCache(bench, days);
      await using server = await BarsServer.start();
      bench.say(what);
      const peak = series(what, "MB", [(await syncPeakBytes(bench, server, cache)) / MB]);
      await server.expectBars(cache);
      results.push({ peak, finding: atMost(bench, LIMIT_MB, { what, value: peak.median, unit: "MB" }) });
    }
    return measured(
      results.map(({ peak }) => peak),
      results.map(({ finding }) => finding),
      ["One run each: `VmHWM` of the process, read every 5 ms; each into a server of its own."],
    );
  },
};
