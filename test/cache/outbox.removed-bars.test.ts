import { describe, expect, test } from "bun:test";
import type { Cache } from "../../src/cache/cache.ts";
import { markSent, markSynced } from "../../src/cache/deliveries.ts";
import { removedBars } from "../../src/cache/removed-bars.ts";
import { openTarget } from "../../src/cache/targets.ts";
import { barsFrom } from "../support/bars.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { confirm, syncAll, unsynced } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);
const MINUTES = [0, 1, 2, 3].map((minute) => OPEN_MS + minute * 60_000);

function writeSpx(cache: Cache, prices: readonly number[], readAtMs = 1000) {
  return writeDay(cache, { date: DATE, readAtMs, blocks: [["I:SPX", barsFrom(OPEN_MS, prices)]] });
}

function writeCrypto(
  cache: Cache,
  date: string,
  source: "api" | "flatfile",
  startMs: number,
  prices: number[],
) {
  const blocks = [["X:BTC-USD", barsFrom(startMs, prices)]] as const;
  return writeDay(cache, { dataset: "crypto", date, source, blocks });
}

describe("bars that left the cache", () => {
  test("are listed for a target that was sent them, in time order", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1, 2, 3, 4]);
    await syncAll(cache, target);
    expect(removedBars(cache, target, key)).toEqual([]);
    await writeSpx(cache, [1, 2, 3]);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, key)).toEqual(MINUTES.slice(1));
  });

  test("are listed even if the target never confirmed them", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    await markSent(cache, target, unsynced(cache, target));
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, await keyOf(cache, "I:SPX", DATE))).toEqual(MINUTES.slice(1, 2));
  });

  test("are never listed for a target that was not sent them", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [sent, unsent] = [await openTarget(cache, "a"), await openTarget(cache, "b")];
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, sent);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, unsent, key)).toEqual([]);
    await syncAll(cache, unsent);
    expect(removedBars(cache, unsent, key)).toEqual([]);
    expect(removedBars(cache, sent, key)).toEqual(MINUTES.slice(1, 2));
  });

  test("are listed for their own batch and the dates beside it, to which a minute may move", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    await writeDay(cache, { date: DATE, blocks: [["I:NDX", barsFrom(OPEN_MS, [1, 2])]] });
    await syncAll(cache, target);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, await keyOf(cache, "I:NDX", DATE))).toEqual([]);
    const dates = ["2024-11-20", "2024-11-21", DATE, "2024-11-23", "2024-11-24"];
    const keys = await Promise.all(dates.map((date) => keyOf(cache, "I:SPX", date)));
    const gone = MINUTES.slice(1, 2);
    expect(keys.map((key) => removedBars(cache, target, key))).toEqual([[], gone, gone, gone, []]);
  });

  test("are forgotten when they come back", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1, 2, 3]);
    await syncAll(cache, target);
    await writeSpx(cache, [1]);
    await writeSpx(cache, [1, 9]);
    expect(removedBars(cache, target, key)).toEqual(MINUTES.slice(2, 3));
  });

  test("come back and leave again are listed: the target has them from the first time", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    await writeSpx(cache, [1]);
    await writeSpx(cache, [1, 9]);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, await keyOf(cache, "I:SPX", DATE))).toEqual(MINUTES.slice(1, 2));
  });

  test("came after the last sync are not listed: a row at that minute is somebody else's", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1]);
    await syncAll(cache, target);
    await writeSpx(cache, [1, 2, 3]);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, key)).toEqual([]);
    await syncAll(cache, target);
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, key)).toEqual(MINUTES.slice(1, 2));
  });

  test("were corrected after the last sync are listed: they had been sent", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    await writeSpx(cache, [1, 7]);
    await writeSpx(cache, [1]);
    expect(removedBars(cache, target, await keyOf(cache, "I:SPX", DATE))).toEqual(MINUTES.slice(1, 2));
  });

  test("are forgotten once a sync is confirmed", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1, 2, 3]);
    await syncAll(cache, target);
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    expect(removedBars(cache, target, key)).toEqual([]);
  });

  test("while a sync is under way are still listed after it", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1, 2]);
    const batches = unsynced(cache, target);
    await markSent(cache, target, batches);
    await writeSpx(cache, [1], 2000);
    const delivered = batches.map((batch) => ({ batch, deletes: [] }));
    await markSynced(cache, target, delivered, 5000);
    expect(removedBars(cache, target, key)).toEqual(MINUTES.slice(1, 2));
    await syncAll(cache, target);
    expect(removedBars(cache, target, key)).toEqual([]);
  });

  test("are not remembered if the write that removed them is not kept", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    const failing = cache.write(async () => {
      cache.db.run("DELETE FROM bars");
      cache.db.run("INSERT INTO removed_bars SELECT 1, symbol_id, 1, epoch_day, 0, 0 FROM batches");
      throw new Error("cut");
    });
    expect(await failing.catch((error: Error) => error.message)).toBe("cut");
    expect(removedBars(cache, target, await keyOf(cache, "I:SPX", DATE))).toEqual([]);
    expect(unsynced(cache, target)).toEqual([]);
  });
});

/** Crypto's days are UTC days to the API, but a flat file's day may reach into the next morning. */
describe("a minute that moves to another date's batch", () => {
  const [today, tomorrow] = [DATE, "2024-11-23"];
  const MIDNIGHT_MS = Date.UTC(2024, 10, 23);

  test("is sent with its new batch and deleted for none", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const keys = [
      await keyOf(cache, "X:BTC-USD", today, "crypto"),
      await keyOf(cache, "X:BTC-USD", tomorrow, "crypto"),
    ];
    await writeCrypto(cache, tomorrow, "api", MIDNIGHT_MS, [1, 2]);
    await syncAll(cache, target);
    await writeCrypto(cache, today, "flatfile", MIDNIGHT_MS - 60_000, [8, 9]);
    expect(unsynced(cache, target)).toMatchObject([{ epochDay: 20_049 }, { epochDay: 20_050 }]);
    expect(keys.map((key) => removedBars(cache, target, key))).toEqual([[], []]);
  });

  test("and then leaves the cache is deleted in a target that had it from the first", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeCrypto(cache, tomorrow, "api", MIDNIGHT_MS, [1, 2]);
    await syncAll(cache, target);
    await writeCrypto(cache, today, "flatfile", MIDNIGHT_MS - 60_000, [8, 9]);
    await writeCrypto(cache, today, "flatfile", MIDNIGHT_MS - 60_000, [8]);
    const toDelete = unsynced(cache, target).flatMap((batch) => removedBars(cache, target, batch));
    expect(new Set(toDelete)).toEqual(new Set([MIDNIGHT_MS]));
  });

  test("and leaves the cache after its first batch was synced without it is deleted with its new one", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeCrypto(cache, tomorrow, "api", MIDNIGHT_MS, [1, 2]);
    await syncAll(cache, target);
    await writeCrypto(cache, today, "flatfile", MIDNIGHT_MS - 60_000, [8, 9]);
    const first = unsynced(cache, target).filter(({ epochDay }) => epochDay === 20_050);
    await markSent(cache, target, first);
    await confirm(cache, target, first);
    await writeCrypto(cache, today, "flatfile", MIDNIGHT_MS - 60_000, [8]);
    const lacking = unsynced(cache, target);
    expect(lacking.map((batch) => [batch.epochDay, removedBars(cache, target, batch)])).toEqual([
      [20_049, [MIDNIGHT_MS]],
    ]);
    await syncAll(cache, target);
    expect(lacking.map((batch) => removedBars(cache, target, batch))).toEqual([[]]);
  });
});
