import { series } from "../support/alternate.ts";
import { parsePeakBytes } from "../support/backfill.ts";
import { atMost, measured, type BenchCase } from "../support/case.ts";
import { threeTickers, tickersToKeep } from "../support/tickers.ts";

const MB = 1e6;
const FILTERED_MB = 200;
const ALL_TICKERS_MB = 300;

export const memoryCase: BenchCase = {
  name: "memory",
  title: "Peak memory (RSS) of reading a day of 230 MB and one of 632 MB",
  async run(bench) {
    const { tickers, minutes, longMinutes } = bench.scale;
    const kinds = [
      { kind: "3 symbols", symbols: threeTickers(tickers), limit: FILTERED_MB },
      { kind: "500 symbols", symbols: tickersToKeep(tickers), limit: FILTERED_MB },
      { kind: "every ticker", symbols: ["*"], limit: ALL_TICKERS_MB },
    ];
    const days = [
      { size: "230 MB", day: await bench.days.day({ tickers, minutes }) },
      { size: "632 MB", day: await bench.days.day({ tickers, minutes: longMinutes }) },
    ];
    const results = [];
    for (const { kind, symbols, limit } of kinds) {
      for (const { size, day } of days) {
        const what = `${kind} of ${size}`;
        bench.say(what);
        const peak = series(what, "MB", [(await parsePeakBytes(bench, day, symbols)) / MB]);
        results.push({ peak, finding: atMost(bench, limit, { what, value: peak.median, unit: "MB" }) });
      }
    }
    return measured(
      results.map(({ peak }) => peak),
      results.map(({ finding }) => finding),
      ["One run each: `VmHWM` of the process, read every 5 ms."],
    );
  },
};
