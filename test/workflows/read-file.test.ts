import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { flatFileVersions } from "../../src/cache/flat-files.ts";
import { noteProblem, problemsOf } from "../../src/cache/problems.ts";
import { knownSymbols } from "../../src/cache/symbols.ts";
import { BackfillError } from "../../src/core/errors.ts";
import { readFlatFile } from "../../src/workflows/read-file.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { gzipped, INDEX_HEADER, indexBars, indexRows } from "./index-file.ts";
import { collectedProgress, contentOf, contextOf, FRIDAY_EVENING_MS } from "./run-context.ts";

const DAY = "2024-11-22";
const OPEN = "2024-11-22T14:30:00Z";
const LATER = "2024-11-22T18:00:00Z";

function identity(etag: string): FlatFile {
  return { dataset: "indices", date: DAY, key: `${DAY}.csv.gz`, etag, sizeBytes: 1, lastModifiedMs: null };
}

/** Reads a text or bytes as the version `etag` of the day's file. */
async function read(
  temp: TempCache,
  content: string | Uint8Array,
  tickers: readonly string[] | "all",
  { etag = "first", signal = new AbortController().signal } = {},
) {
  const path = join(temp.dataDir, "file.csv.gz");
  writeFileSync(path, content);
  return readFlatFile(contextOf(temp, { signal }), identity(etag), path, tickers);
}

/** Bars and source of a ticker's batch; null if it has none. */
async function held(temp: TempCache, ticker: string) {
  const { batch, bars } = heldOf(temp.cache, await keyOf(temp.cache, ticker, DAY));
  return batch && { source: batch.source, revision: batch.revision, readAtMs: batch.readAtMs, bars };
}

const FILE = [
  INDEX_HEADER,
  indexRows("I:NDX", OPEN, [20, 21]),
  indexRows("I:SPX", OPEN, [10, 11, 12]),
  indexRows("I:VIX", OPEN, [1]),
  indexRows("I:SPX", LATER, [13]),
].join("");
const SPX_BARS = [...indexBars(OPEN, [10, 11, 12]), ...indexBars(LATER, [13])];

describe("reading named tickers", () => {
  test("keeps their bars and notes which of them have none", async () => {
    using temp = tempCache();
    const { changes, summary } = await read(temp, FILE, ["I:SPX", "I:NONE"]);
    expect(changes).toMatchObject({ batches: 2, bars: 4, added: 4, changed: 0, removed: 0 });
    expect(summary).toEqual({
      rows: 4,
      bars: 4,
      duplicates: 0,
      rejected: {},
      rejectedRows: 0,
      rejectedSamples: [],
    });
    const whole = { source: "flatfile" as const, revision: 1, readAtMs: FRIDAY_EVENING_MS };
    expect(await held(temp, "I:SPX")).toEqual({ ...whole, bars: SPX_BARS });
    expect(await held(temp, "I:NONE")).toEqual({ ...whole, bars: [] });
    expect(await held(temp, "I:NDX")).toBe(null);
    expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toMatchObject([
      { etag: "first", readAtMs: FRIDAY_EVENING_MS, allTickersRead: 0 },
    ]);
  });

  test("reads a gzip file to the same", async () => {
    using plain = tempCache();
    using packed = tempCache();
    const expected = await read(plain, FILE, ["I:SPX"]);
    expect(await read(packed, gzipped(FILE), ["I:SPX"])).toEqual(expected);
    expect(contentOf(packed.cache)).toEqual(contentOf(plain.cache));
  });

  test("changes nothing the second time", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:SPX"]);
    const before = contentOf(temp.cache);
    const { changes } = await read(temp, FILE, ["I:SPX"]);
    expect(changes).toMatchObject({ batches: 1, bars: 4, added: 0, changed: 0, removed: 0 });
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("replaces an older version of the day", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:SPX"]);
    const second = INDEX_HEADER + indexRows("I:SPX", OPEN, [10, 11.5, 12, 12.5]);
    const { changes } = await read(temp, second, ["I:SPX"], { etag: "second" });
    expect(changes).toMatchObject({ batches: 1, bars: 4, added: 1, changed: 1, removed: 1 });
    expect(await held(temp, "I:SPX")).toEqual({
      source: "flatfile",
      revision: 2,
      readAtMs: FRIDAY_EVENING_MS,
      bars: indexBars(OPEN, [10, 11.5, 12, 12.5]),
    });
  });

  test("forgets what stood in the way of the day before", async () => {
    using temp = tempCache();
    const problem = { dataset: "indices", date: DAY, step: "parse", hint: "h", seenAtMs: 1 } as const;
    for (const ticker of ["", "I:SPX", "I:NDX"])
      await noteProblem(temp.cache, { ...problem, ticker, state: "failed", error: "it was cut" });
    await read(temp, FILE, ["I:SPX"]);
    expect(problemsOf(temp.cache, "indices", DAY, DAY).map((one) => one.ticker)).toEqual(["I:NDX"]);
  });

  test("leaves out a few bad rows and keeps them to look at", async () => {
    using temp = tempCache();
    const prices = Array.from({ length: 200 }, (_, index) => index + 1);
    const bad = "I:SPX,1,x,1,1,1732300000000000000\n";
    const { summary } = await read(temp, INDEX_HEADER + indexRows("I:SPX", OPEN, prices) + bad, ["I:SPX"]);
    expect(summary).toMatchObject({ rows: 201, bars: 200, rejected: { "not a number": 1 }, rejectedRows: 1 });
    expect(temp.cache.db.query("SELECT line_number, reason, text FROM rejected_rows").all()).toEqual([
      { line_number: 202, reason: "not a number", text: bad.trimEnd() },
    ]);
  });
});

describe("reading every ticker", () => {
  test("keeps all bars, also of a ticker in two blocks", async () => {
    using temp = tempCache();
    const { changes, summary } = await read(temp, gzipped(FILE), "all");
    expect(changes).toMatchObject({ batches: 3, bars: 7, added: 7, changed: 0, removed: 0 });
    expect(summary).toMatchObject({ rows: 7, bars: 7, rejectedRows: 0 });
    expect((await held(temp, "I:SPX"))?.bars).toEqual(SPX_BARS);
    expect((await held(temp, "I:NDX"))?.bars).toEqual(indexBars(OPEN, [20, 21]));
    expect((await held(temp, "I:VIX"))?.bars).toEqual(indexBars(OPEN, [1]));
    expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toMatchObject([
      { etag: "first", allTickersRead: 1 },
    ]);
  });

  test("empties the batch of a ticker that the new version lacks", async () => {
    using temp = tempCache();
    await read(temp, FILE, "all");
    const { changes } = await read(temp, INDEX_HEADER + indexRows("I:SPX", OPEN, [10, 11, 12]), "all", {
      etag: "second",
    });
    expect(changes).toMatchObject({ batches: 3, bars: 3, added: 0, changed: 0, removed: 4 });
    expect(await held(temp, "I:NDX")).toMatchObject({ source: "flatfile", revision: 2, bars: [] });
    expect(await held(temp, "I:VIX")).toMatchObject({ source: "flatfile", revision: 2, bars: [] });
  });

  test("agrees with reading the same tickers by name", async () => {
    using byName = tempCache();
    using all = tempCache();
    await read(byName, FILE, ["I:NDX", "I:SPX", "I:VIX"]);
    await read(all, FILE, "all");
    expect(contentOf(all.cache)["bars"]).toEqual(contentOf(byName.cache)["bars"] ?? []);
  });

  test("keeps what is read whole as such when a ticker is read again by name", async () => {
    using temp = tempCache();
    await read(temp, FILE, "all");
    await read(temp, FILE, ["I:SPX"]);
    expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toMatchObject([{ allTickersRead: 1 }]);
  });
});

describe("reading every ticker of a file that has others'", () => {
  test("leaves out a ticker whose name another dataset has, and says so", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:SPX"]);
    const before = await held(temp, "I:SPX");
    const path = join(temp.dataDir, "stocks.csv");
    const rows = ["AAPL", "NDX", "SPX", "TSLA"].map((ticker) => indexRows(ticker, OPEN, [5, 6]));
    writeFileSync(path, INDEX_HEADER + rows.join(""));
    const progress = collectedProgress();
    const identityOfStocks: FlatFile = { ...identity("stocks"), dataset: "stocks" };
    const { changes } = await readFlatFile(contextOf(temp, { progress }), identityOfStocks, path, "all");
    expect(changes).toEqual({ batches: 3, bars: 6, added: 6, changed: 0, removed: 0 });
    expect(progress.lines).toEqual([
      `warn stocks ${DAY}: left out SPX, whose name another dataset already has in historical_bars`,
    ]);
    expect(knownSymbols(temp.cache).map(({ dataset, ticker }) => `${dataset} ${ticker}`)).toEqual([
      "stocks AAPL",
      "stocks NDX",
      "indices I:SPX",
      "stocks TSLA",
    ]);
    expect(await held(temp, "I:SPX")).toEqual(before);
  });

  test("changes nothing if it holds a ticker of another dataset", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:SPX"]);
    const before = contentOf(temp.cache);
    const error = await rejectionOf(
      read(temp, FILE + indexRows("ZZZ", OPEN, [1]), "all", { etag: "second" }),
    );
    expect(error.code).toBe("other-dataset");
    expect(wordsOf(error)).toEqual({
      kind: "data",
      operation: `read ${join(temp.dataDir, "file.csv.gz")}`,
      reason: "it holds ZZZ, which is no ticker of indices",
      nextStep: "Nothing was changed. Check --dataset.",
    });
    expect(contentOf(temp.cache)).toEqual(before);
  });
});

/** Enough rows for one block to reach the cache before the end of the file is seen. */
const LONG_FILE =
  INDEX_HEADER +
  Array.from({ length: 300 }, (_, index) =>
    indexRows(
      `I:T${String(index).padStart(4, "0")}`,
      OPEN,
      Array.from({ length: 60 }, (_price, minute) => index + minute),
    ),
  ).join("") +
  indexRows("I:ZZZ", OPEN, [1]);

describe.each([
  ["named tickers", ["I:SPX", "I:ZZZ"]],
  ["every ticker", "all"],
] as const)("a bad file, read for %s", (_what, tickers) => {
  /** Reads a bad file over a good day and makes sure that nothing changed. */
  async function refused(content: string | Uint8Array): Promise<BackfillError> {
    using temp = tempCache();
    await read(temp, FILE, ["I:SPX"]);
    const before = contentOf(temp.cache);
    const error = await rejectionOf(read(temp, content, tickers, { etag: "second" }));
    expect(contentOf(temp.cache)).toEqual(before);
    expect(error.kind).toBe("data");
    expect(error.operation).toBe(`read ${join(temp.dataDir, "file.csv.gz")}`);
    return error;
  }

  test("leaves what was there if it is cut", async () => {
    const whole = gzipped(LONG_FILE);
    expect((await refused(whole.subarray(0, whole.length - 20))).code).toBe("bad-gzip");
  });

  test("leaves what was there if its header is another's", async () => {
    const error = await refused("ticker,price,time\nI:SPX,1,2\n");
    expect(error.code).toBe("bad-header");
    expect(error.reason).toBe('read the header "ticker,price,time": it has no column open');
  });

  test("leaves what was there if it is empty", async () => {
    expect((await refused("")).code).toBe("bad-header");
  });

  test("leaves what was there if it has a header and no rows", async () => {
    for (const content of [INDEX_HEADER, gzipped(INDEX_HEADER)]) {
      const error = await refused(content);
      expect(error.code).toBe("no-rows");
      expect(error.reason).toBe(`read the rows of ${DAY}: there are none, only a header`);
    }
  });

  test("leaves what was there if its rows are of another day", async () => {
    const nextDay = "2024-11-25T14:30:00Z";
    const error = await refused(
      LONG_FILE +
        indexRows(
          "I:ZZZ",
          nextDay,
          Array.from({ length: 400 }, () => 1),
        ),
    );
    expect(error.code).toBe("bad-rows");
    expect(error.reason).toStartWith(`read the rows of ${DAY}: 400 of `);
  });

  test("leaves what was there if the run is stopped", async () => {
    using temp = tempCache();
    await read(temp, FILE, ["I:SPX"]);
    const before = contentOf(temp.cache);
    const stopped = { etag: "second", signal: AbortSignal.abort() };
    const error: unknown = await read(temp, gzipped(LONG_FILE), tickers, stopped).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBe(stopped.signal.reason);
    expect(contentOf(temp.cache)).toEqual(before);
  });
});
