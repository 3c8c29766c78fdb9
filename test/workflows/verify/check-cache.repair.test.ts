import { expect, test } from "bun:test";
import { DayWriter } from "../../../src/cache/day-writer.ts";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { parseDownloaded } from "../../../src/workflows/parse.ts";
import { parseSymbols } from "../../../src/core/symbols.ts";
import { heldOf, keyOf } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { fileOf, gzipped, indexBars, putDownloaded } from "../index-file.ts";
import { contextOf } from "../run-context.ts";
import { checkedCache, wavingBars, writeBars } from "./verify-support.ts";

const DAY = "2024-11-21";
const PRICES = [6000, 6001, 6002];
const BARS = indexBars(`${DAY}T14:30:00Z`, PRICES);
const SELECTION = parseSymbols(["SPX"]);

function parse(temp: TempCache) {
  return parseDownloaded(contextOf(temp), { selection: SELECTION, from: DAY, to: DAY });
}

async function dayFromFile(): Promise<TempCache> {
  const temp = tempCache();
  putDownloaded(temp, DAY, gzipped(fileOf(DAY, PRICES)));
  await parse(temp);
  return temp;
}

const UNREAD = [
  "Marked 1 day as not read: the next hybrid over them reads the kept flat files, or fetches them.",
];

test.each([
  ["edited", "UPDATE bars SET close = 6000.5, high = 6000.5 WHERE close = 6000", "content-hash"],
  ["deleted", "DELETE FROM bars WHERE close = 6000", "bar-count"],
  [
    "added",
    "INSERT INTO bars SELECT symbol_id, 1, window_start_ms + 600000, epoch_day, 1, 1, 1, 1, 1, 1, 1, 1 FROM bars LIMIT 1",
    "bar-count",
  ],
  ["without a manifest", "DELETE FROM batches", "orphan-bars"],
] as const)("bars that were %s are as in the file after --repair and parse", async (_what, sql, kind) => {
  using temp = await dayFromFile();
  const key = await keyOf(temp.cache, "I:SPX", DAY);
  temp.cache.db.run(sql);
  // A day that is only looked at stays wrong, and so does one that is parsed without a repair.
  expect(await checkedCache(temp)).toMatchObject({ kinds: { [kind]: 1 }, notes: [] });
  if (kind !== "orphan-bars") {
    await parse(temp);
    expect(await checkedCache(temp)).toMatchObject({ kinds: { [kind]: 1 }, notes: [] });
  }

  expect(await checkedCache(temp, { repair: true })).toMatchObject({ kinds: { [kind]: 1 }, notes: UNREAD });
  expect(await checkedCache(temp, { repair: true })).toMatchObject({
    kinds: { "marked-unread": 1 },
    notes: [],
  });
  await parse(temp);
  expect(heldOf(temp.cache, key)).toMatchObject({
    batch: { source: "flatfile", revision: 2, barCount: 3 },
    bars: BARS,
  });
  expect(await checkedCache(temp)).toMatchObject({
    faultCount: 0,
    lookedAt: { symbols: 1, days: 1, bars: 3 },
  });
});

test("a wrong count of session bars is counted again, and nothing has to be read", async () => {
  using temp = await dayFromFile();
  temp.cache.db.run("UPDATE batches SET session_bar_count = 0");
  expect(await checkedCache(temp, { repair: true })).toMatchObject({
    kinds: { "session-count": 1 },
    notes: ["Counted the session's bars of 1 day again."],
  });
  expect(await checkedCache(temp)).toMatchObject({ faultCount: 0 });
});

test("bars far from the day they name are removed", async () => {
  using temp = await dayFromFile();
  temp.cache.db.run(
    "INSERT INTO bars SELECT symbol_id, 1, 1000020000000, epoch_day, 1, 1, 1, 1, 1, 1, 1, 1 FROM bars LIMIT 1",
  );
  expect(await checkedCache(temp, { repair: true })).toMatchObject({
    kinds: { "orphan-bars": 1 },
    notes: ["Removed 1 bar far from any day."],
  });
  expect(await checkedCache(temp)).toMatchObject({ faultCount: 0 });
});

test("an answer of the API replaces an unread day as a whole", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const bars = wavingBars(`${DAY}T14:30:00Z`, 5);
  await writeBars(temp, "indices", "I:SPX", DAY, bars, { source: "api" });
  const key = await keyOf(cache, "I:SPX", DAY);
  await cache.write(() => markUnread(cache, key));
  await cache.write(() => {
    const origin = { source: "api", flatFileId: null, readAtMs: 2000, session: null } as const;
    const writer = new DayWriter(cache, "indices", DAY, origin);
    writer.putOver("I:SPX", bars.slice(1));
    writer.finish();
  });
  expect(heldOf(cache, key)).toMatchObject({
    batch: { source: "api", revision: 2, barCount: 4 },
    bars: bars.slice(1),
  });
});
