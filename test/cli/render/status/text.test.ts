import { describe, expect, test } from "bun:test";
import { gapsCsv, statusCsv } from "../../../../src/cli/render/status/csv.ts";
import { gapsJson } from "../../../../src/cli/render/status/json.ts";
import { gapsReport, statusText, type StatusView } from "../../../../src/cli/render/status/text.ts";
import type { Cache } from "../../../../src/cache/cache.ts";
import { markFailed, openTarget } from "../../../../src/cache/targets.ts";
import { gapsOf } from "../../../../src/workflows/coverage/gaps.ts";
import type { StatusOptions } from "../../../../src/workflows/coverage/status.ts";
import { tempCache } from "../../../support/temp-cache.ts";
import { LONG_NAME, NOW_MS, TARGET, worldStatus, writeWorld } from "../../../workflows/coverage/world.ts";
import { REFUSAL } from "../results.ts";

const VIEW: StatusView = {
  dataDir: "./data",
  cacheBytes: 12_345_678,
  colour: false,
  columns: 80,
  again: (command, scope) => `massive-backfill ${command}${scope ?? ""}`,
};
const NAMES = ["SPX", "AAPL", LONG_NAME];

/** The picture of the world. */
function picture(
  cache: Cache,
  view: Partial<StatusView> = {},
  names = NAMES,
  options: Partial<StatusOptions> = {},
): string {
  const result = worldStatus(cache, names, options);
  const gaps = result.symbols.flatMap((coverage) => gapsOf(coverage, NOW_MS));
  return statusText(result, gaps, { ...VIEW, ...view });
}

describe("the picture of a cache with every state", () => {
  test.each([
    [80, false],
    [80, true],
    [160, false],
    [160, true],
  ])("at %i columns, colour %p", async (columns, colour) => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    expect(picture(temp.cache, { columns, colour })).toMatchSnapshot();
  });

  test("with colour says the same, every cell painted and the colour ended", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const [plain, coloured] = [picture(temp.cache), picture(temp.cache, { colour: true })];
    expect(Bun.stripANSI(coloured)).toBe(plain);
    expect(plain).not.toContain("\u001B");
    const painted = { 31: "?✖", 32: "■", 33: "◧◨", 34: "…", 35: "⊘", 36: "□", 90: "·∅", 93: "!" };
    for (const [ansi, glyphs] of Object.entries(painted))
      for (const glyph of glyphs) expect(coloured).toContain(`\u001B[${ansi}m${glyph}\u001B[39m`);
  });

  test.each([80, 100, 160, 240])(
    "has no calendar line and no table line wider than %i columns",
    async (columns) => {
      using temp = tempCache();
      await writeWorld(temp.cache);
      const lines = picture(temp.cache, { columns }).split("\n");
      const text = lines.slice(0, lines.indexOf("Cache 12.3 MB, 1 flat file 123.5 MB."));
      expect(text.filter((line) => line.length > columns)).toEqual([]);
    },
  );

  test("puts each day under its number, in every stack of months", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const [header = "", row = ""] = picture(temp.cache, { columns: 160 }, ["AAPL"]).split("\n").slice(2);
    // October 15 and November 12 (the day with few bars).
    expect(row[header.indexOf("15") + 1]).toBe("■");
    expect(row.indexOf("!")).toBe(header.lastIndexOf("10") + 1 + 4);
  });
});

describe("the picture of many symbols", () => {
  test("is one calendar with the worst of each day, and the symbols with most gaps", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const strangers = Array.from({ length: 30 }, (_, index) => `ZZ${index}`);
    const range = { from: "2023-11-01", to: "2024-11-25" };
    expect(picture(temp.cache, {}, ["AAPL", ...strangers], range)).toMatchSnapshot();
  });
});

describe("below the picture", () => {
  const DAY = { from: "2024-11-04", to: "2024-11-04" };

  test("stands that nothing is missing", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const text = picture(temp.cache, {}, ["SPX"], DAY);
    expect(text).toContain("\nNo gaps.\n\nPostgres: ");
  });

  test("stands what Postgres lacks, since when and why, and how to bring it", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const id = await openTarget(temp.cache, TARGET);
    await markFailed(temp.cache, id, { error: "connection refused", atMs: NOW_MS });
    expect(picture(temp.cache, {}, ["SPX"], DAY)).toEndWith(
      `Postgres: 9 batches (1,860 bars) not synced to ${TARGET}, the oldest since 2024-11-20 17:00 UTC
  The last sync failed (2024-11-26 02:00 UTC): connection refused
  → massive-backfill sync
`,
    );
  });

  test("stands what is not in the plan, also if nothing is tracked", async () => {
    using temp = tempCache();
    const line =
      'Not in your plan: indices flat files up to 2024-09-30 ("forbidden", seen 2024-11-20; tried again weekly or with --recheck-entitlements)\n';
    const entitlements = [{ ...REFUSAL, seenAt: "2024-11-20T12:00:00.000Z" }];
    const result = { ...worldStatus(temp.cache, ["SPX"], DAY), entitlements };
    expect(statusText(result, [], VIEW)).toContain(
      `\n\n${line}\nPostgres: none set; all bars are in the cache.\n`,
    );
    expect(statusText({ ...result, symbols: [] }, [], VIEW)).toBe(`${NOTHING}\n${line}`);
  });

  test("stands how to begin if nothing is tracked", () => {
    using temp = tempCache();
    expect(picture(temp.cache, {}, [])).toBe(NOTHING);
    expect(gapsReport(worldStatus(temp.cache, []), [], VIEW)).toBe(NOTHING);
  });
});

const NOTHING =
  "Nothing is cached in ./data yet. Begin with: massive-backfill hybrid --symbols=SPX,NDX --days=90\n";

describe("the list of gaps", () => {
  test("as text", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const result = worldStatus(temp.cache, NAMES);
    const gaps = result.symbols.flatMap((coverage) => gapsOf(coverage, NOW_MS));
    expect(gapsReport(result, gaps, VIEW)).toMatchSnapshot();
    const none = worldStatus(temp.cache, ["SPX"], { from: "2024-11-04", to: "2024-11-04" });
    expect(gapsReport(none, [], VIEW)).toBe("No gaps in ./data, 2024-11-04 to 2024-11-04.\n");
  });

  test("as JSON and as CSV, with the whole command", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const result = worldStatus(temp.cache, ["AAPL"]);
    const gaps = result.symbols.flatMap((coverage) => gapsOf(coverage, NOW_MS));
    const command = "massive-backfill verify --api --symbols=AAPL --from=2024-11-12 --to=2024-11-13";
    const gap = {
      symbol: "AAPL",
      ticker: "AAPL",
      dataset: "stocks",
      from: "2024-11-12",
      to: "2024-11-13",
      days: 2,
      kind: "suspicious",
      source: "flatfile",
      cause: "100 bars where about 300 are usual",
      command,
    };
    expect(gapsJson(result, gaps, VIEW.again)).toEqual({
      timeframe: "1m",
      from: "2024-10-14",
      to: "2024-11-25",
      gaps: 0,
      suspicious: 2,
      ranges: [gap],
    });
    expect(gapsCsv(gaps, VIEW.again)).toBe(
      `${Object.keys(gap).join(",")}\n${Object.values(gap).join(",")}\n`,
    );
  });
});

test("the coverage as CSV has a row for each symbol and day", async () => {
  using temp = tempCache();
  await writeWorld(temp.cache);
  const range = { from: "2024-11-07", to: "2024-11-08" };
  const result = worldStatus(temp.cache, ["SPX", "AAPL"], range);
  expect([...statusCsv(result)].join(""))
    .toBe(`symbol,ticker,dataset,date,state,source,bars,expected,synced,delayed,usual,note,missing
SPX,I:SPX,indices,2024-11-07,partial,flatfile,375,390,true,false,,375 of 390 minutes,09:45-09:59
SPX,I:SPX,indices,2024-11-08,absent,flatfile,0,390,true,false,390,0 bars where about 390 are usual,
AAPL,AAPL,stocks,2024-11-07,complete,flatfile,300,,true,false,,,
AAPL,AAPL,stocks,2024-11-08,complete,flatfile,300,,true,false,,,
`);
});
