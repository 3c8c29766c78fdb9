import { describe, expect, test } from "bun:test";
import { flatFileVersions } from "../../src/cache/flat-files.ts";
import { tickersOfDay } from "../../src/cache/day-writer.ts";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { readFlatFile } from "../../src/workflows/read-file.ts";
import { reasonOf } from "../massive/support.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { DAY_ERRORS } from "./day-files.ts";
import { gzipped, INDEX_HEADER, indexBars, indexRows, put } from "./index-file.ts";
import { contentOf, contextOf } from "./run-context.ts";

const DAY = "2024-11-22";
const OPEN = "2024-11-22T14:30:00Z";
const LATER = "2024-11-22T18:00:00Z";

/** More than are read on the main thread: every second one is in the file. */
const NAMED = Array.from({ length: 60 }, (_, index) => `I:T${String(index).padStart(2, "0")}`);
const PRESENT = NAMED.filter((_, index) => index % 2 === 0);
const FILE =
  INDEX_HEADER +
  PRESENT.map((ticker, index) => indexRows(ticker, OPEN, [index + 1, index + 2])).join("") +
  indexRows("I:ZOTHER", OPEN, [1, 2, 3]) +
  indexRows("I:T00", LATER, [7]);

function version(etag: string): FlatFile {
  return { dataset: "indices", date: DAY, key: `${DAY}.csv`, etag, sizeBytes: 1, lastModifiedMs: null };
}

interface Reading {
  readonly etag?: string;
  readonly completeness?: "whole day" | "unknown";
  readonly signal?: AbortSignal;
}

async function read(
  temp: TempCache,
  content: string | Uint8Array,
  tickers: readonly string[] | "all" = NAMED,
  { etag = "first", completeness = "whole day", signal = new AbortController().signal }: Reading = {},
) {
  const path = put(temp, "day.csv", content);
  return readFlatFile(contextOf(temp, { signal }), version(etag), path, tickers, completeness);
}

/** How many bars each batch of the day has. */
async function barCounts(temp: TempCache): Promise<Record<string, number | undefined>> {
  const counts: Record<string, number | undefined> = {};
  for (const ticker of tickersOfDay(temp.cache, "indices", DAY))
    counts[ticker] = heldOf(temp.cache, await keyOf(temp.cache, ticker, DAY)).batch?.barCount;
  return counts;
}

describe("many named tickers", () => {
  test("are kept, and those that a whole day lacks are known to be absent", async () => {
    using temp = tempCache();
    const { changes, summary } = await read(temp, gzipped(FILE));
    expect(changes).toEqual({ batches: 60, bars: 61, added: 61, changed: 0, removed: 0 });
    expect(summary).toMatchObject({ rows: 61, bars: 61, rejectedRows: 0 });
    expect(await barCounts(temp)).toEqual(
      Object.fromEntries(NAMED.map((ticker, index) => [ticker, index === 0 ? 3 : index % 2 === 0 ? 2 : 0])),
    );
    expect(heldOf(temp.cache, await keyOf(temp.cache, "I:T00", DAY)).bars).toEqual([
      ...indexBars(OPEN, [1, 2]),
      ...indexBars(LATER, [7]),
    ]);
    expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toMatchObject([
      { etag: "first", allTickersRead: 0 },
    ]);
  });

  test("come to the same as when they are read a few at a time", async () => {
    using many = tempCache();
    using few = tempCache();
    for (const temp of [many, few]) for (const ticker of NAMED) await keyOf(temp.cache, ticker, DAY);
    await read(many, FILE);
    for (let at = 0; at < NAMED.length; at += 20) await read(few, FILE, NAMED.slice(at, at + 20));
    expect(contentOf(many.cache)).toEqual(contentOf(few.cache));
  });

  test("that a file of unknown completeness lacks are left as they were", async () => {
    using temp = tempCache();
    await read(temp, INDEX_HEADER + indexRows("I:T01", OPEN, [5]), ["I:T01"]);
    const { changes } = await read(temp, FILE, NAMED, { etag: "second", completeness: "unknown" });
    expect(changes).toEqual({ batches: 30, bars: 61, added: 61, changed: 0, removed: 0 });
    expect(await barCounts(temp)).toEqual(
      Object.fromEntries([["I:T01", 1], ...PRESENT.map((ticker, at) => [ticker, at === 0 ? 3 : 2])]),
    );
  });

  test("none of which is in a file of unknown completeness change nothing", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:T00"]);
    const before = contentOf(temp.cache);
    const others = NAMED.map((ticker) => ticker.replace("I:T", "I:X"));
    const error = await rejectionOf(read(temp, FILE, others, { etag: "second", completeness: "unknown" }));
    expect(error.code).toBe("no-such-ticker");
    expect(wordsOf(error)).toMatchObject({
      kind: "data",
      reason: "it has no bars of I:X00, I:X01, I:X02, I:X03, I:X04, … (indices)",
    });
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("lose the bars that a new version lacks", async () => {
    using temp = tempCache();
    await read(temp, FILE);
    const second = INDEX_HEADER + indexRows("I:T02", OPEN, [9, 3]);
    const { changes } = await read(temp, second, NAMED, { etag: "second" });
    expect(changes).toEqual({ batches: 60, bars: 2, added: 0, changed: 1, removed: 59 });
  });

  test.each(DAY_ERRORS)("change nothing if %s", async (_what, code, content) => {
    using temp = tempCache();
    await read(temp, FILE);
    const before = contentOf(temp.cache);
    const tickers = [...NAMED, "I:SPX"];
    expect((await rejectionOf(read(temp, content(), tickers, { etag: "second" }))).code).toBe(code);
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("change nothing if the run is stopped, before or while they are read", async () => {
    using temp = tempCache();
    await read(temp, FILE);
    const before = contentOf(temp.cache);
    const reason = new Error("the user has had enough");
    const early = { etag: "second", signal: AbortSignal.abort(reason) };
    expect(await reasonOf(read(temp, FILE, NAMED, early))).toBe(reason);
    const stop = new AbortController();
    const late = reasonOf(read(temp, FILE, NAMED, { etag: "second", signal: stop.signal }));
    stop.abort(reason);
    expect(await late).toBe(reason);
    expect(contentOf(temp.cache)).toEqual(before);
    // Nothing of it is left open: the next reading is one like any other.
    expect((await read(temp, FILE)).changes).toMatchObject({ batches: 60, added: 0, removed: 0 });
  });

  test("change nothing if one has a name that another dataset has", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:T00"]);
    const before = contentOf(temp.cache);
    const stocks = ["T00", ...Array.from({ length: 60 }, (_, index) => `S${index}`)];
    const path = put(
      temp,
      "stocks.csv",
      INDEX_HEADER +
        stocks
          .toSorted()
          .map((one) => indexRows(one, OPEN, [1]))
          .join(""),
    );
    const file: FlatFile = { ...version("stocks"), dataset: "stocks" };
    const error = await rejectionOf(readFlatFile(contextOf(temp), file, path, stocks));
    expect([error.kind, error.operation]).toEqual(["usage", "add T00 (stocks) to the cache"]);
    expect(contentOf(temp.cache)).toEqual(before);
  });
});

describe("a file that is not sorted by ticker", () => {
  /** Minute after minute, of 60 tickers each; the last minute contradicts the first of every tenth ticker. */
  const byTime =
    INDEX_HEADER +
    Array.from({ length: 20 }, (_, minute) =>
      NAMED.map((ticker, index) =>
        indexRows(ticker, `2024-11-22T14:${30 + minute}:00Z`, [index + minute]),
      ).join(""),
    ).join("");
  const contradictions = NAMED.filter((_, index) => index % 10 === 0)
    .map((ticker) => indexRows(ticker, OPEN, [999]))
    .join("");

  test.each([
    ["a few tickers", NAMED.slice(0, 31), 4],
    ["many tickers", NAMED, 6],
    ["every ticker", "all", 6],
  ] as const)(
    "is read for %s, and contradictions between its blocks are counted",
    async (_what, tickers, conflicts) => {
      using temp = tempCache();
      const { changes, summary } = await read(temp, byTime + contradictions, tickers);
      const count = tickers === "all" ? NAMED.length : tickers.length;
      expect(changes).toEqual({
        batches: count,
        bars: count * 20,
        added: count * 20,
        changed: 0,
        removed: 0,
      });
      expect([summary.rejectedRows, summary.rejected]).toEqual([
        conflicts,
        { "contradicts an earlier row of the same minute": conflicts },
      ]);
      const prices = Array.from({ length: 20 }, (_, minute) => 10 + minute);
      expect(heldOf(temp.cache, await keyOf(temp.cache, "I:T10", DAY)).bars).toEqual(indexBars(OPEN, prices));
    },
  );
});
