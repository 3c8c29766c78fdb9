import { describe, expect, test } from "bun:test";
import type { Dataset } from "../../../src/core/datasets.ts";
import { csvLines, withSandbox } from "../support.ts";

const FRIDAY = "2024-11-22";

describe("the file of a day as a whole", () => {
  test.each<[Dataset, string, string, number]>([
    ["indices", "us_indices", "I:SPX", Date.parse("2024-11-22T06:00Z")],
    ["stocks", "us_stocks_sip", "MSFT", Date.parse("2024-11-22T05:00Z")],
    ["options", "us_options_opra", "O:SPY261218C00650000", Date.parse("2024-11-22T05:00Z")],
    ["crypto", "global_crypto", "X:BTC-USD", Date.parse("2024-11-22T00:00Z")],
    ["forex", "global_forex", "C:EUR-USD", Date.parse("2024-11-22T00:00Z")],
  ])("of %s has a row a ticker, sorted, with the day's range", async (dataset, folder, ticker, stampMs) => {
    await withSandbox({}, async (sandbox) => {
      const [header, ...lines] = await csvLines(sandbox, `${folder}/day_aggs_v1/2024/11/${FRIDAY}.csv.gz`);
      const columns = header?.split(",") ?? [];
      const rows = lines.map((line) => line.split(","));
      expect(rows.map(([name = ""]) => name)).toEqual(
        rows.map(([name = ""]) => name).toSorted((a, b) => (a < b ? -1 : 1)),
      );
      const row = rows.find(([name]) => name === ticker) ?? [];
      const field = (name: string) => row[columns.indexOf(name)];
      const truth = sandbox.truth(dataset, ticker, FRIDAY);
      expect([field("high"), field("low"), field("window_start")]).toEqual([
        String(Math.max(...truth.map((bar) => bar.high))),
        String(Math.min(...truth.map((bar) => bar.low))),
        `${stampMs}000000`,
      ]);
    });
  });

  test("follows a republished day, and says what it is made to say", async () => {
    await withSandbox({}, async (sandbox) => {
      const key = `us_indices/day_aggs_v1/2024/11/${FRIDAY}.csv.gz`;
      const spx = async () => (await csvLines(sandbox, key)).find((line) => line.startsWith("I:SPX,"));
      const first = await spx();
      sandbox.republish("indices", FRIDAY, ["I:SPX"]);
      expect(await spx()).not.toBe(first);
      sandbox.falsify("indices", "I:SPX", FRIDAY, { open: 1, high: 4, low: 0.5, close: 2 });
      expect(await spx()).toBe(`I:SPX,1,2,4,0.5,${Date.parse("2024-11-22T06:00Z")}000000`);
    });
  });
});
