import { describe, expect, test } from "bun:test";
import { addDays, weekdayOf } from "../../../src/core/dates.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { barsOfLines, csvLines, withSandbox } from "../support.ts";

const FRIDAY = "2024-11-22";
const APRIL_2026_MS = Date.parse("2026-04-01T20:00:00Z");

describe("text of a day", () => {
  const folders: Record<Dataset, string> = {
    indices: "us_indices",
    stocks: "us_stocks_sip",
    options: "us_options_opra",
    crypto: "global_crypto",
    forex: "global_forex",
  };
  const keyOf = (dataset: Dataset, date: string): string =>
    `${folders[dataset]}/minute_aggs_v1/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}.csv.gz`;
  const traded = "ticker,volume,open,close,high,low,window_start,transactions";

  test.each<[Dataset, string, string]>([
    ["indices", FRIDAY, "ticker,open,close,high,low,window_start"],
    ["stocks", FRIDAY, traded],
    ["stocks", "2026-02-23", traded],
    ["options", FRIDAY, traded],
    ["crypto", FRIDAY, traded],
    ["forex", FRIDAY, traded],
  ])("%s on %s: the vendor's header, and rows equal to the truth", async (dataset, date, header) => {
    await withSandbox({ nowMs: () => APRIL_2026_MS }, async (sandbox) => {
      const lines = await csvLines(sandbox, keyOf(dataset, date));
      const tickers = [...new Set(lines.slice(1).map((line) => line.split(",")[0] ?? ""))];
      expect(lines[0]).toBe(header);
      expect(tickers.length).toBeGreaterThan(3);
      for (const ticker of tickers)
        expect(barsOfLines(lines, ticker)).toEqual(sandbox.truth(dataset, ticker, date));
      const bars = tickers.map((ticker) => sandbox.truth(dataset, ticker, date).length);
      expect(lines.length - 1).toBe(bars.reduce((sum, count) => sum + count, 0));
    });
  });

  test("stock numbers have their newer form since 2026-02-23", async () => {
    await withSandbox({ nowMs: () => APRIL_2026_MS }, async (sandbox) => {
      const wrong: string[] = [];
      for (const [date, row] of [
        ["2026-02-20", /^[\w.]+,\d+(,\d+\.\d{1,2}){4},\d{19},\d+$/],
        ["2026-02-23", /^[\w.]+,\d+\.\d{6}(,\d+\.\d{6}){4},\d{19},\d+$/],
      ] as const)
        wrong.push(
          ...(await csvLines(sandbox, keyOf("stocks", date))).slice(1).filter((line) => !row.test(line)),
        );
      expect(wrong).toEqual([]);
    });
  });

  test("blocks are sorted by the bytes of their tickers; some days have a ticker in two blocks", async () => {
    await withSandbox({ nowMs: () => APRIL_2026_MS }, async (sandbox) => {
      const cutTickers: number[] = [];
      for (let date = "2024-11-04"; date <= FRIDAY; date = addDays(date, 1)) {
        if (weekdayOf(date) > 5) continue;
        const lines = (await csvLines(sandbox, keyOf("stocks", date))).slice(1);
        const blocks = lines
          .map((line) => line.split(",")[0] ?? "")
          .filter((ticker, index, all) => ticker !== all[index - 1]);
        const firsts = [...new Set(blocks)];
        expect(firsts).toEqual(firsts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
        expect(firsts.slice(1, 4)).toEqual(["BCPC", "BCpC", "BRK.B"]);
        cutTickers.push(blocks.length - firsts.length);
      }
      expect(new Set(cutTickers)).toEqual(new Set([0, 1, 2]));
    });
  });
});
