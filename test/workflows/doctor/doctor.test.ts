import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../../src/cache/cache.ts";
import { examine } from "../../../src/workflows/doctor/doctor.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { lookAlike } from "../../support/truth.ts";
import { FRIDAY_EVENING_MS } from "../run-context.ts";
import { linesOf, vendorContext } from "./vendor-context.ts";

const TODAY = "2024-11-22";

test("a large cache with a damaged page, which nobody reads through, hides no other line", async () => {
  using dir = tempDir();
  await using vendor = await lookAlike(TODAY);
  openCache(dir.path).close();
  damageAnnouncedDays(join(dir.path, "massive.sqlite"));
  using place = tempCache();
  const { settings, signal } = vendorContext(place, vendor.sandbox, { MASSIVE_DATA_DIR: dir.path });
  const sections = await examine(settings, FRIDAY_EVENING_MS, signal);
  const lines = linesOf(sections.flatMap(({ findings }) => findings));
  expect(lines.filter((line) => line.startsWith("red "))).toEqual([
    expect.stringMatching(/^red API key: the file is damaged \(.+\) → Move it away and run hybrid again/),
  ]);
  expect(lines).toContain(`green S3 keys: accepted by ${vendor.sandbox.url}`);
  expect(lines).toContain("green lock: nobody is at work");
});

/** Makes the file too large to be read through, and overwrites the page of what the exchange has announced. */
function damageAnnouncedDays(path: string): void {
  const db = new Database(path);
  db.run("CREATE TABLE filler AS SELECT zeroblob(101000000) AS content");
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const row = db
    .query<{ page: number; size: number }, []>(
      "SELECT pageno AS page, pgsize AS size FROM dbstat WHERE name = 'announced_days'",
    )
    .get();
  db.close();
  if (row === null) throw new Error("there is no such page");
  const file = openSync(path, "r+");
  writeSync(file, new Uint8Array(row.size).fill(0xff), 0, row.size, (row.page - 1) * row.size);
  closeSync(file);
}

describe("MASSIVE_SYMBOLS", () => {
  test.each([
    ["SPX,I:", /^red symbols: .*I:.* this cannot be a ticker → Write tickers as the vendor does/],
    ["spx", /^red symbols: .*"spx".* → Did you mean SPX\?$/],
  ])("that cannot be read (%s) is red where nothing is tracked yet", async (symbols, expected) => {
    expect(await symbolLines(symbols)).toEqual([expect.stringMatching(expected)]);
  });

  test.each(["SPX,AAPL", "*"])("%s is no trouble", async (symbols) => {
    expect(await symbolLines(symbols)).toEqual([]);
  });
});

async function symbolLines(symbols: string): Promise<string[]> {
  using place = tempCache();
  await using vendor = await lookAlike(TODAY);
  const { settings, signal } = vendorContext(place, vendor.sandbox, { MASSIVE_SYMBOLS: symbols });
  const sections = await examine(settings, FRIDAY_EVENING_MS, signal);
  return linesOf(sections.flatMap(({ findings }) => findings)).filter((line) => line.includes(" symbols:"));
}
