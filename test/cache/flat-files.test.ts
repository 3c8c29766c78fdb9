import type { FlatFile } from "../../src/core/flat-file.ts";
import { describe, expect, test } from "bun:test";
import type { Cache } from "../../src/cache/cache.ts";
import {
  flatFileId,
  flatFileVersions,
  markDeleted,
  markDownloaded,
  markRead,
} from "../../src/cache/flat-files.ts";
import { epochDayOf } from "../../src/core/dates.ts";
import { tempCache } from "../support/temp-cache.ts";

const FIRST: FlatFile = {
  dataset: "indices",
  date: "2024-11-22",
  key: "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
  etag: "02ba41035d34cd5df30c5ee2564df075",
  sizeBytes: 123_456_789,
  lastModifiedMs: 1_732_378_000_000,
};
const REPUBLISHED: FlatFile = {
  ...FIRST,
  etag: "00ad-9",
  sizeBytes: 123_456_790,
  lastModifiedMs: null,
};
const NEXT_DAY: FlatFile = {
  ...FIRST,
  date: "2024-11-25",
  key: "us_indices/minute_aggs_v1/2024/11/2024-11-25.csv.gz",
};
const OF_STOCKS: FlatFile = { ...FIRST, dataset: "stocks" };

function versions(cache: Cache, from = "2024-11-01", to = "2024-11-30") {
  return flatFileVersions(cache, "indices", from, to).map(({ id: _id, ...version }) => version);
}

function versionOf(identity: FlatFile) {
  const { key, etag, sizeBytes, lastModifiedMs } = identity;
  const epochDay = epochDayOf(identity.date);
  const unread = { downloadedAtMs: null, readAtMs: null, allTickersRead: 0 };
  return { epochDay, key, etag, sizeBytes, lastModifiedMs, ...unread };
}

function rejectedRows(cache: Cache): unknown[] {
  return cache.db
    .query(
      "SELECT flat_file_id AS id, line_number AS lineNumber, reason, text FROM rejected_rows ORDER BY id, line_number NULLS LAST, text",
    )
    .all();
}

function bad(lineNumber: number | null, text: string) {
  return { lineNumber, reason: "not a number", text };
}

function idOf(cache: Cache, file: FlatFile): Promise<number> {
  return cache.write(() => flatFileId(cache, file));
}

describe("versions", () => {
  test("have one id for each ETag of a day", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const files = [FIRST, REPUBLISHED, NEXT_DAY, OF_STOCKS];
    const ids: number[] = [];
    for (const file of files) ids.push(await idOf(cache, file));
    expect(new Set(ids).size).toBe(4);
    expect(await idOf(cache, FIRST)).toBe(ids[0] ?? Number.NaN);
    expect(await idOf(cache, { ...FIRST, sizeBytes: 1 })).toBe(ids[0] ?? Number.NaN);
    expect(versions(cache)).toEqual([FIRST, REPUBLISHED, NEXT_DAY].map(versionOf));
  });

  test("are listed by dataset and date, both ends included", async () => {
    using temp = tempCache();
    const { cache } = temp;
    for (const file of [NEXT_DAY, FIRST, OF_STOCKS]) await idOf(cache, file);
    expect(versions(cache, "2024-11-22", "2024-11-25")).toEqual([FIRST, NEXT_DAY].map(versionOf));
    expect(versions(cache, "2024-11-23", "2024-11-24")).toEqual([]);
    expect(flatFileVersions(cache, "crypto", "2024-11-01", "2024-11-30")).toEqual([]);
  });
});

describe("markDeleted", () => {
  test("forgets that any version of the day is in the data directory, and nothing else", async () => {
    using temp = tempCache();
    const { cache } = temp;
    for (const file of [FIRST, REPUBLISHED, NEXT_DAY, OF_STOCKS]) await markDownloaded(cache, file, 1000);
    await markDeleted(cache, FIRST);
    expect(versions(cache)).toEqual([
      versionOf(FIRST),
      versionOf(REPUBLISHED),
      { ...versionOf(NEXT_DAY), downloadedAtMs: 1000 },
    ]);
    expect(flatFileVersions(cache, "stocks", FIRST.date, FIRST.date)[0]?.downloadedAtMs).toBe(1000);
  });
});

describe("markDownloaded", () => {
  test("moves from a version to the one that takes its place on disk", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await markDownloaded(cache, FIRST, 1000);
    await markDownloaded(cache, NEXT_DAY, 1500);
    expect(versions(cache)).toEqual([
      { ...versionOf(FIRST), downloadedAtMs: 1000 },
      { ...versionOf(NEXT_DAY), downloadedAtMs: 1500 },
    ]);
    await markDownloaded(cache, REPUBLISHED, 2000);
    expect(versions(cache)).toEqual([
      versionOf(FIRST),
      { ...versionOf(REPUBLISHED), downloadedAtMs: 2000 },
      { ...versionOf(NEXT_DAY), downloadedAtMs: 1500 },
    ]);
    await markDownloaded(cache, FIRST, 3000);
    expect(versions(cache, FIRST.date, FIRST.date)).toEqual([
      { ...versionOf(FIRST), downloadedAtMs: 3000 },
      versionOf(REPUBLISHED),
    ]);
  });

  test("leaves the same day of another dataset alone", async () => {
    using temp = tempCache();
    await markDownloaded(temp.cache, OF_STOCKS, 1000);
    await markDownloaded(temp.cache, FIRST, 2000);
    const [stocks] = flatFileVersions(temp.cache, "stocks", FIRST.date, FIRST.date);
    expect(stocks?.downloadedAtMs).toBe(1000);
  });
});

describe("markRead", () => {
  test("remembers that all tickers were read, and when last", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const id = await idOf(cache, FIRST);
    const read = (nowMs: number, allTickers: boolean) =>
      cache.write(() => markRead(cache, id, { nowMs, allTickers, rejected: [] }));
    await read(1000, false);
    expect(versions(cache)).toEqual([{ ...versionOf(FIRST), readAtMs: 1000 }]);
    await read(2000, true);
    await read(3000, false);
    expect(versions(cache)).toEqual([{ ...versionOf(FIRST), readAtMs: 3000, allTickersRead: 1 }]);
  });

  test("keeps the rejected rows of every reading of a version, each once", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const ids = [await idOf(cache, FIRST), await idOf(cache, NEXT_DAY)];
    const [first = 0, next = 0] = ids;
    await cache.write(() => {
      markRead(cache, first, { nowMs: 1, allTickers: false, rejected: [bad(2, "a"), bad(70, "b")] });
      markRead(cache, next, { nowMs: 1, allTickers: false, rejected: [bad(70, "c")] });
    });
    // Another symbol was added later: its rows come to those of the first reading.
    await cache.write(() =>
      markRead(cache, first, { nowMs: 2, allTickers: false, rejected: [bad(70, "b"), bad(9, "d")] }),
    );
    await cache.write(() => markRead(cache, next, { nowMs: 3, allTickers: false, rejected: [] }));
    expect(rejectedRows(cache)).toEqual([
      { id: first, ...bad(2, "a") },
      { id: first, ...bad(9, "d") },
      { id: first, ...bad(70, "b") },
      { id: next, ...bad(70, "c") },
    ]);
  });

  test("keeps each of several rejected rows whose lines have the same text, or none that is known", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const id = await idOf(cache, FIRST);
    const rejected = [bad(5, "a"), bad(6, "a"), bad(null, "a"), bad(null, "b")];
    await cache.write(() => markRead(cache, id, { nowMs: 1, allTickers: false, rejected }));
    expect(rejectedRows(cache)).toEqual(rejected.map((row) => ({ id, ...row })));
  });
});
