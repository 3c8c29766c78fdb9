import { expect, test } from "bun:test";
import { openCache } from "../../../src/cache/cache.ts";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import { checkCache } from "../../../src/workflows/verify/check-cache.ts";
import { writeDay } from "../../support/cache-days.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";
import { USUAL, wavingBars, writeBars } from "./verify-support.ts";

const [DAY, NEXT] = ["2024-11-21", "2024-11-22"];

test("a run that writes beside the check never looks like a fault", async () => {
  using temp = tempCache();
  for (const date of [DAY, NEXT])
    await writeBars(
      temp,
      "indices",
      "I:SPX",
      date,
      wavingBars(`${date}T14:30:00Z`, 40, date === DAY ? 100 : 101),
    );
  const other = openCache(temp.dataDir);
  try {
    const written: Promise<unknown>[] = [];
    const advance = () => {
      if (written.length > 0) return;
      for (const date of [NEXT, "2024-11-25"]) {
        const bars = wavingBars(`${date}T14:30:00Z`, 50, date === NEXT ? 200 : 300);
        written.push(writeDay(other, { date, blocks: [["I:SPX", bars]] }));
      }
    };
    const task = { advance, resume() {}, done() {}, failed() {} };
    const context = contextOf(temp);
    const scope = { symbols: knownSymbols(temp.cache), range: null };
    const watched = { ...context, progress: { ...context.progress, task: () => task } };
    expect((await checkCache(watched, scope, USUAL)).faults).toEqual([]);
    await Promise.all(written);
    expect(await checkCache(context, scope, USUAL)).toMatchObject({
      lookedAt: { symbols: 1, days: 3, bars: 140 },
      faultCount: 0,
    });
  } finally {
    other.close();
  }
});

test("ends when the user stops it", async () => {
  using temp = tempCache();
  for (let day = 10; day < 30; day++)
    await writeBars(
      temp,
      "crypto",
      "X:BTC-USD",
      `2024-11-${day}`,
      wavingBars(`2024-11-${day}T00:00:00Z`, 1440, day * 1000),
    );
  const stop = new AbortController();
  const reason = new Error("stopped");
  const context = contextOf(temp, { signal: stop.signal });
  const scope = { symbols: knownSymbols(temp.cache), range: null };
  setImmediate(() => stop.abort(reason));
  const outcome = await checkCache(context, scope, USUAL).then(
    () => "went on",
    (error: unknown) => error,
  );
  expect(outcome).toBe(reason);
});
