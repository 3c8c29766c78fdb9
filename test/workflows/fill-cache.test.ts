import { planByRule } from "./planning/plan-facts.ts";
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { flatFileVersions } from "../../src/cache/flat-files.ts";
import { datesBetween } from "../../src/core/dates.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import { parseSymbols, type SymbolSelection } from "../../src/core/symbols.ts";
import { download } from "../../src/massive/download.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { fillFromFiles } from "../../src/workflows/fill-cache.ts";
import type { AvailableFile } from "../../src/workflows/planning/facts.ts";
import { planParse } from "../../src/workflows/parse.ts";
import { readFlatFile } from "../../src/workflows/read-file.ts";
import { NOTHING_ASKED, survey } from "../../src/workflows/survey.ts";
import { FillTally } from "../../src/workflows/tally.ts";
import { FRIDAY, MONDAY_MS, reasonOf, startVendor } from "../massive/support.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { manyTickers, rowsFrom } from "./day-files.ts";
import { gzipped, INDEX_HEADER, putDownloaded } from "./index-file.ts";
import { contentOf, contextOf } from "./run-context.ts";

const DATES = datesBetween("2024-11-18", "2024-11-22").filter((date) => sessionOf("indices", date) !== null);
const RANGE = { from: "2024-11-18", to: "2024-11-22" };
const MANY = manyTickers(60);
const MINUTES = 20;

function dayText(date: string): string {
  return INDEX_HEADER + MANY.map((ticker) => rowsFrom(ticker, Date.parse(date), MINUTES)).join("");
}

function putAll({ dataDir }: TempCache, content: (date: string) => string | Uint8Array): void {
  for (const date of DATES) putDownloaded({ dataDir }, date, content(date));
}

/** Reads the files that are here; what it came to. */
async function fill(
  context: RunContext,
  selection: SymbolSelection,
  onRead?: (file: AvailableFile) => Promise<void>,
) {
  const { plan } = await planParse(context, { selection, ...RANGE });
  const tally = new FillTally(plan);
  await fillFromFiles(context, null, plan, tally, onRead);
  return tally.result();
}

test.each([
  ["a few tickers", parseSymbols(MANY.slice(0, 2))],
  ["many tickers", parseSymbols(MANY)],
  ["every ticker", parseSymbols(["*"], "indices")],
])(
  "days that are read side by side come to what they come to one by one, for %s",
  async (_what, selection) => {
    using together = tempCache();
    using oneByOne = tempCache();
    for (const temp of [together, oneByOne]) {
      putAll(temp, (date) => gzipped(dayText(date)));
      for (const ticker of MANY) await keyOf(temp.cache, ticker, "2024-11-22");
    }
    const result = await fill(contextOf(together), selection);
    const count = selection.wholeDatasets.length > 0 ? MANY.length : selection.symbols.length;
    const bars = DATES.length * count * MINUTES;
    expect(result).toMatchObject({
      days: { flatfile: DATES.length, failed: 0 },
      files: { reused: DATES.length, downloaded: 0 },
      bars: { cached: bars, changed: bars, rejected: 0 },
    });
    const tickers =
      selection.wholeDatasets.length > 0 ? "all" : selection.symbols.map(({ ticker }) => ticker);
    const context = contextOf(oneByOne);
    for (const { file } of (await planParse(context, { selection, ...RANGE })).plan.files)
      await readFlatFile(
        context,
        file,
        putDownloaded(oneByOne, file.date, gzipped(dayText(file.date))),
        tickers,
      );
    expect(contentOf(together.cache)["bars"]).toEqual(contentOf(oneByOne.cache)["bars"] ?? []);
    expect(batchesOf(together)).toEqual(batchesOf(oneByOne));
    expect(etagsOf(together)).toEqual(etagsOf(oneByOne));
  },
);

/** The batches without the ids of their files, which depend on which file was read first. */
function batchesOf({ cache }: TempCache): unknown[] {
  return cache.db.query("SELECT * FROM manifest ORDER BY symbol, date").all();
}

function etagsOf({ cache }: TempCache): (readonly [number, string])[] {
  return flatFileVersions(cache, "indices", RANGE.from, RANGE.to).map(({ epochDay, etag }) => [
    epochDay,
    etag,
  ]);
}

test("a bad day among good ones is reported, and whoever asked is told of the good ones when they are cached", async () => {
  using temp = tempCache();
  const bad = DATES[3] ?? "";
  putAll(temp, (date) => (date === bad ? gzipped(dayText(date)).subarray(0, -20) : dayText(date)));
  const [ticker = ""] = MANY;
  const told: string[] = [];
  const result = await fill(contextOf(temp), parseSymbols([ticker]), async ({ date }) => {
    expect(heldOf(temp.cache, await keyOf(temp.cache, ticker, date)).batch?.barCount).toBe(MINUTES);
    told.push(date);
  });
  expect(told.toSorted()).toEqual(DATES.filter((date) => date !== bad));
  expect(result.days).toMatchObject({ flatfile: DATES.length - 1, failed: 1 });
  expect(result.failures.map(({ date, step }) => [date, step])).toEqual([[bad, "parse"]]);
});

test("a run that is stopped keeps the days it has read, and tells of no others", async () => {
  using temp = tempCache();
  putAll(temp, dayText);
  const stop = new AbortController();
  const reason = new Error("the user has had enough");
  const told: string[] = [];
  const filling = fill(contextOf(temp, { signal: stop.signal }), parseSymbols(MANY), async ({ date }) => {
    told.push(date);
    if (told.length === 2) stop.abort(reason);
  });
  expect(await reasonOf(filling)).toBe(reason);
  const kept = temp.cache.db
    .query<{ date: string; bars: number }, []>("SELECT date, sum(bars) AS bars FROM manifest GROUP BY date")
    .all();
  expect(kept.map(({ date }) => date)).toEqual(told.toSorted());
  expect(new Set(kept.map(({ bars }) => bars))).toEqual(new Set([MANY.length * MINUTES]));
  // What was left is read by the next run.
  const next = await fill(contextOf(temp), parseSymbols(MANY));
  expect(next.days).toMatchObject({ flatfile: DATES.length - told.length, skipped: told.length, failed: 0 });
});

test("a damaged file that the vendor has replaced meanwhile is read as the version that came", async () => {
  using temp = tempCache();
  await using vendor = await startVendor();
  const context = contextOf(temp, { nowMs: MONDAY_MS });
  const path = putDownloaded(temp, FRIDAY, "");
  await download(vendor.flatFiles, await vendor.friday(), path, { sync: false });
  writeFileSync(path, readFileSync(path).fill(0xff, 100, 120));
  const scope = { selection: parseSymbols(["SPX"]), from: FRIDAY, to: FRIDAY, useFiles: true, api: false };
  const plan = planByRule(await survey(context, { ...NOTHING_ASKED, ...scope, flatFiles: vendor.flatFiles }));
  vendor.sandbox.republish("indices", FRIDAY);
  const { etag } = await vendor.friday();
  await fillFromFiles(context, vendor.flatFiles, plan, new FillTally(plan));
  expect(temp.cache.db.query("SELECT file_etag AS etag FROM manifest").all()).toEqual([{ etag }]);
});
