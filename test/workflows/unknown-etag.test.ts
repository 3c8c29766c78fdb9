import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { flatFileVersions } from "../../src/cache/flat-files.ts";
import { UNKNOWN_ETAG, type FlatFile } from "../../src/core/flat-file.ts";
import { parseSymbols } from "../../src/core/symbols.ts";
import { parseFile } from "../../src/workflows/parse-file.ts";
import { parseDownloaded } from "../../src/workflows/parse.ts";
import { readFlatFile } from "../../src/workflows/read-file.ts";
import { tempCache } from "../support/temp-cache.ts";
import { rejectionOf } from "../support/thrown.ts";
import { manyRows } from "./day-files.ts";
import { fileOf, gzipped, INDEX_HEADER, put, putDownloaded } from "./index-file.ts";
import { contentOf, contextOf, FRIDAY_EVENING_MS } from "./run-context.ts";

const DAY = "2024-11-22";
const MANY = Array.from({ length: 51 }, (_, index) => `I:T${String(index).padStart(2, "0")}`);
const TEXT = INDEX_HEADER + MANY.map((ticker) => manyRows(ticker, 300)).join("");

function md5Of(bytes: string | Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

describe("a file whose ETag nobody knows", () => {
  test.each([
    ["a few tickers", MANY.slice(0, 2)],
    ["many tickers", MANY],
    ["every ticker", "all"],
  ] as const)("gets the MD5 of its bytes as one when it is read for %s", async (_what, tickers) => {
    for (const content of [
      TEXT,
      gzipped(TEXT),
      Buffer.concat([gzipped(TEXT), gzipped(manyRows("I:Z", 9))]),
      // What follows the end of the stream is a part of the file, too, though nobody reads it for its text.
      Buffer.concat([gzipped(TEXT), Buffer.alloc(600_000)]),
    ]) {
      using temp = tempCache();
      const path = put(temp, "day", content);
      const sizeBytes = Buffer.byteLength(content);
      const file: FlatFile = {
        dataset: "indices",
        date: DAY,
        key: "day",
        etag: UNKNOWN_ETAG,
        sizeBytes,
        lastModifiedMs: 5,
      };
      const read = await readFlatFile(contextOf(temp), file, path, tickers);
      const known = { ...file, etag: md5Of(content) };
      expect(read.file).toEqual(known);
      expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toMatchObject([
        { key: "day", etag: known.etag, sizeBytes, lastModifiedMs: 5, readAtMs: FRIDAY_EVENING_MS },
      ]);
      expect(temp.cache.db.query("SELECT DISTINCT file_etag AS etag FROM manifest").all()).toEqual([
        { etag: known.etag },
      ]);
    }
  });

  test("that is known keeps its own", async () => {
    for (const tickers of [MANY.slice(0, 1), MANY, "all"] as const) {
      using temp = tempCache();
      const path = put(temp, "day", TEXT);
      const file: FlatFile = {
        dataset: "indices",
        date: DAY,
        key: "day",
        etag: "abc-9",
        sizeBytes: 1,
        lastModifiedMs: null,
      };
      expect((await readFlatFile(contextOf(temp), file, path, tickers)).file).toEqual(file);
    }
  });

  test.each([
    ["a few tickers", MANY.slice(0, 1)],
    ["many tickers", MANY],
    ["every ticker", "all"],
  ] as const)("and that is not there is explained, read for %s", async (_what, tickers) => {
    using temp = tempCache();
    const before = contentOf(temp.cache);
    const file: FlatFile = {
      dataset: "indices",
      date: DAY,
      key: "day",
      etag: UNKNOWN_ETAG,
      sizeBytes: 1,
      lastModifiedMs: null,
    };
    const path = join(temp.dataDir, "none.csv");
    const error = await rejectionOf(readFlatFile(contextOf(temp), file, path, tickers));
    expect([error.kind, error.operation, error.reason]).toEqual([
      "data",
      `read ${path}`,
      "there is no such file",
    ]);
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("and that a user named is told by its MD5 too", async () => {
    using temp = tempCache();
    const content = gzipped(fileOf(DAY, [1, 2]));
    const path = put(temp, "mine-2024-11-22.csv.gz", content);
    await parseFile(contextOf(temp), { path, selection: parseSymbols(["SPX"]), date: null });
    expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toMatchObject([
      {
        key: "mine-2024-11-22.csv.gz",
        etag: md5Of(content),
        sizeBytes: content.length,
        downloadedAtMs: null,
      },
    ]);
  });
});

describe("a file that somebody put into the data directory", () => {
  const RANGE = { from: DAY, to: DAY };

  test.each([
    ["a few tickers", parseSymbols(["SPX"])],
    ["many tickers", parseSymbols(["SPX", ...MANY])],
    ["every ticker", parseSymbols(["*"], "indices")],
  ])("is known as downloaded once it is read for %s, and not read again", async (_what, selection) => {
    using temp = tempCache();
    const content = gzipped(fileOf(DAY, [1, 2]) + MANY.map((ticker) => manyRows(ticker, 2)).join(""));
    putDownloaded(temp, DAY, content);
    const first = await parseDownloaded(contextOf(temp), { selection, ...RANGE });
    expect(first.days).toMatchObject({ flatfile: 1, failed: 0 });
    expect(flatFileVersions(temp.cache, "indices", DAY, DAY)).toEqual([
      {
        id: 1,
        epochDay: Date.parse(DAY) / 86_400_000,
        key: `us_indices/minute_aggs_v1/2024/11/${DAY}.csv.gz`,
        etag: md5Of(content),
        sizeBytes: content.length,
        lastModifiedMs: null,
        downloadedAtMs: FRIDAY_EVENING_MS,
        readAtMs: FRIDAY_EVENING_MS,
        allTickersRead: selection.wholeDatasets.length,
      },
    ]);
    const again = await parseDownloaded(contextOf(temp), { selection, ...RANGE });
    expect(again.days).toMatchObject({ flatfile: 0, skipped: 1, failed: 0 });
  });

  test("takes the place of the one that lay there, by another MD5", async () => {
    using temp = tempCache();
    const selection = parseSymbols(["SPX"]);
    const contents = [
      [1, 2],
      [1, 2, 3],
    ].map((prices) => gzipped(fileOf(DAY, prices)));
    for (const content of contents) {
      putDownloaded(temp, DAY, content);
      await parseDownloaded(contextOf(temp), { selection, ...RANGE });
    }
    const versions = flatFileVersions(temp.cache, "indices", DAY, DAY);
    expect(versions.map(({ etag, downloadedAtMs }) => [etag, downloadedAtMs])).toEqual([
      [md5Of(contents[0] ?? ""), null],
      [md5Of(contents[1] ?? ""), FRIDAY_EVENING_MS],
    ]);
  });
});
