import { expect, test } from "bun:test";
import { symbolsCached, symbolsShown } from "../../src/cli/shown-symbols.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const OPEN_MS = Date.parse("2024-11-22T14:30:00Z");

async function oddNames(): Promise<TempCache> {
  const temp = tempCache();
  const blocks = ["A'B", "AAPL", "COMP"].map((ticker) => [ticker, barsFrom(OPEN_MS, [1])] as const);
  await writeDay(temp.cache, { dataset: "stocks", date: "2024-11-22", blocks });
  return temp;
}

test("a name that the cache knows means that symbol, however odd it is", async () => {
  using temp = await oddNames();
  const shown = symbolsShown(temp.cache, { symbols: "COMP,A'B,SPX" });
  expect(shown.map(({ dataset, symbol }) => `${dataset} ${symbol}`)).toEqual([
    "stocks COMP",
    "stocks A'B",
    "indices SPX",
  ]);
});

test("a name that it does not know is read, and refused where something has to be there", async () => {
  using temp = await oddNames();
  const words = wordsOf(thrownBy(() => symbolsCached(temp.cache, { symbols: "AAPL,SPX" })));
  expect(words).toMatchObject({ kind: "usage", reason: "the cache has nothing of I:SPX" });
  expect(wordsOf(thrownBy(() => symbolsShown(temp.cache, { symbols: "C'D" })))).toMatchObject({
    kind: "usage",
    reason: "this cannot be a ticker",
  });
});
