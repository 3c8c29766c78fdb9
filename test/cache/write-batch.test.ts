import { describe, expect, test } from "bun:test";
import type { BatchKey } from "../../src/cache/bars.ts";
import { findBatch } from "../../src/cache/batches.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { contentHash } from "../../src/cache/content-hash.ts";
import { writeBatch, type BatchOrigin } from "../../src/cache/write-batch.ts";
import type { Bar } from "../../src/core/bar.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);
const CLOSE_MS = Date.UTC(2024, 10, 22, 21);

const FROM_FILE: BatchOrigin = {
  source: "flatfile",
  flatFileId: null,
  readAtMs: 1000,
  session: sessionOf("indices", DATE),
};
const FROM_API: BatchOrigin = { ...FROM_FILE, source: "api" };

function write(cache: Cache, key: BatchKey, bars: readonly Bar[], origin: BatchOrigin) {
  return cache.write(() => writeBatch(cache, key, bars, origin, findBatch(cache, key)));
}

describe("the first time", () => {
  test("a batch has revision 1 and all its bars are new", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const bars = barsFrom(OPEN_MS, [1, 2, 3]);
    expect(await write(temp.cache, key, bars, FROM_FILE)).toEqual({
      bars: 3,
      added: 3,
      changed: 0,
      removed: [],
    });
    expect(heldOf(temp.cache, key)).toEqual({
      batch: {
        ...key,
        source: "flatfile",
        flatFileId: null,
        revision: 1,
        contentHash: contentHash(bars),
        barCount: 3,
        sessionBarCount: 3,
        readAtMs: 1000,
        changedAtMs: 1000,
        isDelayed: 0,
        sessionHoles: null,
      },
      bars,
    });
  });

  test("a batch of no bars is known to be absent", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:NONE", DATE);
    expect(await write(temp.cache, key, [], FROM_FILE)).toMatchObject({ added: 0, changed: 0, removed: [] });
    expect(heldOf(temp.cache, key)).toEqual({
      batch: {
        ...key,
        source: "flatfile",
        flatFileId: null,
        revision: 1,
        contentHash: contentHash([]),
        barCount: 0,
        sessionBarCount: 0,
        readAtMs: 1000,
        changedAtMs: 1000,
        isDelayed: 0,
        sessionHoles: null,
      },
      bars: [],
    });
  });

  test("only bars inside the session count as session bars", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const bars = [OPEN_MS - 60_000, OPEN_MS, CLOSE_MS - 60_000, CLOSE_MS].map((ms) => bar(ms, 1));
    await write(temp.cache, key, bars, FROM_FILE);
    expect(findBatch(temp.cache, key)).toMatchObject({ barCount: 4, sessionBarCount: 2 });
    await write(temp.cache, key, bars, { ...FROM_FILE, session: null });
    expect(findBatch(temp.cache, key)).toMatchObject({ barCount: 4, sessionBarCount: 0 });
  });
});

describe("the same content again", () => {
  test("changes no revision and no bar, only when it was read", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const bars = barsFrom(OPEN_MS, [1, 2, 3]);
    await write(temp.cache, key, bars, FROM_FILE);
    expect(await write(temp.cache, key, bars, { ...FROM_FILE, readAtMs: 2000 })).toMatchObject({
      added: 0,
      changed: 0,
      removed: [],
    });
    expect(heldOf(temp.cache, key)).toMatchObject({
      batch: { revision: 1, readAtMs: 2000, changedAtMs: 1000 },
      bars,
    });
  });

  test("from a flat file takes over from the API at the same revision", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const bars = barsFrom(OPEN_MS, [1, 2, 3]);
    await write(temp.cache, key, bars, FROM_API);
    await write(temp.cache, key, bars, { ...FROM_FILE, readAtMs: 2000 });
    expect(findBatch(temp.cache, key)).toMatchObject({
      source: "flatfile",
      revision: 1,
      readAtMs: 2000,
      changedAtMs: 1000,
      isDelayed: 0,
      sessionHoles: null,
    });
  });
});

describe("other content", () => {
  test("counts bars that are new, changed and gone, and is the next revision", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    await write(temp.cache, key, barsFrom(OPEN_MS, [1, 2, 3, 4]), FROM_API);
    const later = [...barsFrom(OPEN_MS, [1, 9]), bar(OPEN_MS + 180_000, 4), bar(OPEN_MS + 240_000, 5)];
    expect(await write(temp.cache, key, later, { ...FROM_FILE, readAtMs: 2000 })).toMatchObject({
      added: 1,
      changed: 1,
      removed: [bar(OPEN_MS + 120_000, 3)],
    });
    expect(heldOf(temp.cache, key)).toEqual({
      batch: {
        ...key,
        source: "flatfile",
        flatFileId: null,
        revision: 2,
        contentHash: contentHash(later),
        barCount: 4,
        sessionBarCount: 4,
        readAtMs: 2000,
        changedAtMs: 2000,
        isDelayed: 0,
        sessionHoles: null,
      },
      bars: later,
    });
  });

  test("is a change where only an unknown volume becomes 0", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    await write(temp.cache, key, [bar(OPEN_MS, 1)], FROM_FILE);
    const known = [bar(OPEN_MS, 1, { volume: 0 })];
    expect(await write(temp.cache, key, known, FROM_FILE)).toMatchObject({
      added: 0,
      changed: 1,
      removed: [],
    });
    expect(heldOf(temp.cache, key)).toMatchObject({ batch: { revision: 2 }, bars: known });
  });

  test("can be no bars at all, and bars again after that", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const bars = barsFrom(OPEN_MS, [1, 2]);
    await write(temp.cache, key, bars, FROM_FILE);
    expect(await write(temp.cache, key, [], FROM_FILE)).toMatchObject({
      added: 0,
      changed: 0,
      removed: bars,
    });
    expect(heldOf(temp.cache, key)).toMatchObject({ batch: { revision: 2, barCount: 0 }, bars: [] });
    expect(await write(temp.cache, key, bars, FROM_FILE)).toMatchObject({
      added: 2,
      changed: 0,
      removed: [],
    });
    expect(heldOf(temp.cache, key)).toMatchObject({ batch: { revision: 3, barCount: 2 }, bars });
  });

  test("that is not kept leaves everything as it was", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const key = await keyOf(cache, "I:SPX", DATE);
    const bars = barsFrom(OPEN_MS, [1, 2]);
    await write(cache, key, bars, FROM_FILE);
    const before = heldOf(cache, key);
    const failing = cache.write(() => {
      writeBatch(cache, key, barsFrom(OPEN_MS, [8, 9, 7]), FROM_FILE, findBatch(cache, key));
      throw new Error("the rest of the file is cut");
    });
    expect(await failing.catch((error: Error) => error.message)).toBe("the rest of the file is cut");
    expect(heldOf(cache, key)).toEqual(before);
  });

  test("of a delayed plan is delayed until it is written from an answer that is not, or from a file", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const bars = barsFrom(OPEN_MS, [1, 2, 3]);
    const written = [];
    for (const origin of [
      { ...FROM_API, isDelayed: true },
      FROM_API,
      { ...FROM_API, isDelayed: true },
      FROM_FILE,
    ]) {
      await write(temp.cache, key, bars, origin);
      const { batch } = heldOf(temp.cache, key);
      written.push([batch?.isDelayed, batch?.source, batch?.revision, batch?.changedAtMs]);
    }
    expect(written).toEqual([
      [1, "api", 1, 1000],
      [0, "api", 1, 1000],
      [1, "api", 1, 1000],
      [0, "flatfile", 1, 1000],
    ]);
  });
});
