import { describe, expect, test } from "bun:test";
import { batchBars, type BatchKey } from "../../src/cache/bars.ts";
import { findBatch } from "../../src/cache/batches.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { contentHash } from "../../src/cache/content-hash.ts";
import { writeBatch, type BatchOrigin } from "../../src/cache/write-batch.ts";
import type { Bar } from "../../src/core/bar.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import { barsFrom } from "../support/bars.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";

function write(cache: Cache, key: BatchKey, bars: readonly Bar[], origin: BatchOrigin) {
  return cache.write(() => writeBatch(cache, key, bars, origin, findBatch(cache, key)));
}

function originOn(date: string, source: BatchOrigin["source"], readAtMs: number): BatchOrigin {
  return { source, flatFileId: null, readAtMs, session: sessionOf("crypto", date) };
}

/** Crypto days are UTC days, but a flat file's day may reach into the morning of the next. */
describe("a minute that two dates claim", () => {
  const NEXT = "2024-11-23";
  const MIDNIGHT_MS = Date.UTC(2024, 10, 23);
  const evening = (price: number) => barsFrom(MIDNIGHT_MS - 60_000, [price, price, price]);
  const morning = (price: number) => barsFrom(MIDNIGHT_MS, [price, price, price, price]);

  async function twoDays(cache: Cache): Promise<[today: BatchKey, tomorrow: BatchKey]> {
    return [await keyOf(cache, "X:BTC-USD", DATE, "crypto"), await keyOf(cache, "X:BTC-USD", NEXT, "crypto")];
  }

  test("stays with the flat file that claimed it first", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    await write(cache, today, evening(1), originOn(DATE, "flatfile", 1000));
    const change = await write(cache, tomorrow, morning(2), originOn(NEXT, "flatfile", 2000));
    expect(change).toMatchObject({ added: 2, changed: 0, removed: [] });
    expect(heldOf(cache, today)).toMatchObject({ batch: { revision: 1, barCount: 3 }, bars: evening(1) });
    expect(heldOf(cache, tomorrow)).toMatchObject({
      batch: { revision: 1, barCount: 2, sessionBarCount: 2 },
      bars: morning(2).slice(2),
    });
  });

  test("stays so when the second file is read again", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    await write(cache, today, evening(1), originOn(DATE, "flatfile", 1000));
    await write(cache, tomorrow, morning(2), originOn(NEXT, "flatfile", 2000));
    const change = await write(cache, tomorrow, morning(2), originOn(NEXT, "flatfile", 3000));
    expect(change).toMatchObject({ added: 0, changed: 0, removed: [] });
    expect(findBatch(cache, tomorrow)).toMatchObject({ revision: 1, changedAtMs: 2000 });
  });

  test("stays with a flat file that the API contradicts", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    await write(cache, today, evening(1), originOn(DATE, "flatfile", 1000));
    await write(cache, tomorrow, morning(2), originOn(NEXT, "api", 2000));
    expect(batchBars(cache, today)).toEqual(evening(1));
    expect(batchBars(cache, tomorrow)).toEqual(morning(2).slice(2));
  });

  test("stays with the API's first date where both come from the API", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    await write(cache, tomorrow, morning(2), originOn(NEXT, "api", 1000));
    await write(cache, today, evening(1), originOn(DATE, "api", 2000));
    expect(batchBars(cache, today)).toEqual(evening(1).slice(0, 1));
    expect(heldOf(cache, tomorrow)).toMatchObject({ batch: { revision: 1 }, bars: morning(2) });
  });

  test("is taken from the API by a flat file, and the API's batch is as if it never had it", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    await write(cache, tomorrow, morning(2), { ...originOn(NEXT, "api", 1000), isDelayed: true });
    const change = await write(cache, today, evening(1), originOn(DATE, "flatfile", 2000));
    expect(change).toMatchObject({ added: 3, changed: 0, removed: [] });
    expect(heldOf(cache, today)).toMatchObject({ batch: { revision: 1, barCount: 3 }, bars: evening(1) });
    const rest = morning(2).slice(2);
    expect(heldOf(cache, tomorrow)).toEqual({
      batch: {
        ...tomorrow,
        source: "api",
        flatFileId: null,
        revision: 2,
        contentHash: contentHash(rest),
        barCount: 2,
        sessionBarCount: 2,
        readAtMs: 1000,
        changedAtMs: 2000,
        isDelayed: 1,
        sessionHoles: null,
      },
      bars: rest,
    });
  });

  test("that only lies between two claimed ones is left alone", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    const [first, second, third] = barsFrom(MIDNIGHT_MS, [5, 5, 5]);
    if (!first || !second || !third) throw new Error("three bars");
    await write(cache, tomorrow, [second], originOn(NEXT, "api", 1000));
    await write(cache, today, [first, third], originOn(DATE, "flatfile", 2000));
    expect(heldOf(cache, tomorrow)).toMatchObject({ batch: { revision: 1, barCount: 1 }, bars: [second] });
    expect(batchBars(cache, today)).toEqual([first, third]);
  });

  test("of another symbol or timeframe is no matter", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [today, tomorrow] = await twoDays(cache);
    const ether = await keyOf(cache, "X:ETH-USD", DATE, "crypto");
    await write(cache, tomorrow, morning(2), originOn(NEXT, "api", 1000));
    await write(cache, ether, evening(1), originOn(DATE, "flatfile", 2000));
    await write(cache, { ...today, timeframeMinutes: 5 }, evening(1), originOn(DATE, "flatfile", 2000));
    expect(heldOf(cache, tomorrow)).toMatchObject({ batch: { revision: 1 }, bars: morning(2) });
  });
});
