import { expect, test } from "bun:test";
import { DATASETS } from "../../src/core/datasets.ts";
import { syntheticTickers } from "../../src/sandbox/sandbox.ts";
import { DEFAULT_TICKERS } from "../../src/sandbox/tickers.ts";

test.each(DATASETS.map((dataset) => [dataset]))(
  "%s has as many tickers as wanted, its defaults first",
  (dataset) => {
    const defaults = DEFAULT_TICKERS[dataset];
    const many = syntheticTickers(dataset, 20_000);
    expect([many.length, new Set(many).size]).toEqual([20_000, 20_000]);
    expect(many.slice(0, defaults.length)).toEqual([...defaults]);
    expect(syntheticTickers(dataset, 2)).toEqual(defaults.slice(0, 2));
  },
);

test("invented tickers have the form of their dataset", () => {
  const invented = DATASETS.map((dataset) => {
    const count = DEFAULT_TICKERS[dataset].length;
    return syntheticTickers(dataset, count + 27).at(-1);
  });
  expect(invented).toEqual(["I:ZAABA", "ZABA", "O:Z261218C00027000", "X:ZABA-USD", "C:ZBA-USD"]);
});
