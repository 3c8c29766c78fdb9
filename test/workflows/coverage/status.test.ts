import { describe, expect, test } from "bun:test";
import { flatFileId, markRead } from "../../../src/cache/flat-files.ts";
import { markSent } from "../../../src/cache/deliveries.ts";
import { openTarget } from "../../../src/cache/targets.ts";
import { EVERY_DAY, rememberEntitlement, type Entitlement } from "../../../src/cache/entitlements.ts";
import { noteProblem } from "../../../src/cache/problems.ts";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { track } from "../../../src/cache/symbols.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { parseSymbol, trackedSymbol } from "../../../src/core/symbols.ts";
import type { CoverageDay } from "../../../src/workflows/coverage/symbol-coverage.ts";
import { deniedDay } from "../../../src/workflows/denied-day.ts";
import { status } from "../../../src/workflows/coverage/status.ts";
import { plainStatus, type PlainStatus } from "./plain-status.ts";
import { keyOf, writeDay } from "../../support/cache-days.ts";
import { confirm, unsynced } from "../../support/outbox.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { indexBars } from "../index-file.ts";
import { FRIDAY_EVENING_MS } from "../run-context.ts";

const MONDAY_MS = Date.parse("2024-11-25T12:00:00-05:00");

function pricesOf(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}

/** Writes an index day of `count` bars from `start` (ISO 8601) on. */
function writeIndexDay(
  temp: TempCache,
  ticker: string,
  date: string,
  count: number,
  start = `${date}T14:30:00Z`,
) {
  return writeDay(temp.cache, {
    date,
    blocks: count > 0 ? [[ticker, indexBars(start, pricesOf(count))]] : [],
    wanted: [ticker],
    readAtMs: MONDAY_MS,
  });
}

function statusOf(
  temp: TempCache,
  symbols: readonly string[],
  options: Partial<Parameters<typeof status>[1]> & { readonly from: string; readonly to: string },
): PlainStatus {
  const result = status(temp.cache, {
    symbols: symbols.map((text) => parseSymbol(text)),
    nowMs: MONDAY_MS,
    target: null,
    ...options,
  });
  return plainStatus(result);
}

function cell(date: string, fields: Partial<CoverageDay>): CoverageDay {
  return {
    date,
    state: "complete",
    source: null,
    bars: 0,
    expected: 390,
    synced: false,
    delayed: false,
    usual: null,
    missing: [],
    note: null,
    ...fields,
  };
}

const NO_TOTALS = {
  complete: 0,
  partial: 0,
  provisional: 0,
  pending: 0,
  missing: 0,
  closed: 0,
  absent: 0,
  denied: 0,
  failed: 0,
  bars: 0,
  flatfile: 0,
  api: 0,
  suspicious: 0,
  unsynced: 0,
  first: null,
  last: null,
};

describe("status", () => {
  test("shows every state of a week", async () => {
    using temp = tempCache();
    await writeIndexDay(temp, "I:SPX", "2024-11-18", 390);
    await writeIndexDay(temp, "I:SPX", "2024-11-19", 389);
    await writeIndexDay(temp, "I:SPX", "2024-11-20", 0);
    await noteProblem(temp.cache, {
      dataset: "indices",
      ticker: "",
      date: "2024-11-21",
      state: "failed",
      step: "download",
      error: "the connection was reset",
      hint: "Run again.",
      seenAtMs: 1,
    });
    await writeDay(temp.cache, {
      date: "2024-11-22",
      source: "api",
      readAtMs: FRIDAY_EVENING_MS,
      blocks: [["I:SPX", indexBars("2024-11-22T14:30:00Z", pricesOf(390))]],
    });
    expect(statusOf(temp, ["SPX"], { from: "2024-11-15", to: "2024-11-25" })).toEqual({
      timeframe: "1m",
      from: "2024-11-15",
      to: "2024-11-25",
      symbols: [
        {
          ...trackedSymbol("indices", "I:SPX"),
          days: [
            cell("2024-11-15", { state: "missing" }),
            cell("2024-11-16", { state: "closed", expected: null }),
            cell("2024-11-17", { state: "closed", expected: null }),
            cell("2024-11-18", { source: "flatfile", bars: 390 }),
            cell("2024-11-19", {
              state: "partial",
              source: "flatfile",
              bars: 389,
              missing: [{ from: "15:59", to: "15:59" }],
              note: "389 of 390 minutes",
            }),
            cell("2024-11-20", { state: "absent", source: "flatfile" }),
            cell("2024-11-21", { state: "failed", note: "the connection was reset" }),
            cell("2024-11-22", { state: "provisional", source: "api", bars: 390 }),
            cell("2024-11-23", { state: "closed", expected: null }),
            cell("2024-11-24", { state: "closed", expected: null }),
            cell("2024-11-25", { state: "pending" }),
          ],
          totals: {
            ...NO_TOTALS,
            complete: 1,
            partial: 1,
            provisional: 1,
            pending: 1,
            missing: 1,
            closed: 4,
            absent: 1,
            failed: 1,
            bars: 390 + 389 + 390,
            flatfile: 3,
            api: 1,
            first: "2024-11-18",
            last: "2024-11-22",
          },
        },
      ],
      sync: { target: null, unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null },
      entitlements: [],
      flatFiles: { files: 0, bytes: 0 },
      gaps: 3,
      suspicious: 0,
    });
  });

  test("counts only the minutes of the session", async () => {
    using temp = tempCache();
    // An hour before the open and 389 minutes of the session: the closing minute lacks.
    await writeIndexDay(temp, "I:VIX", "2024-11-18", 60 + 389, "2024-11-18T13:30:00Z");
    const { symbols, gaps } = statusOf(temp, ["VIX"], { from: "2024-11-18", to: "2024-11-18" });
    expect([symbols[0]?.days[0]?.state, gaps]).toEqual(["partial", 1]);
  });

  test("tells the problem of a symbol before that of its dataset, and to no other dataset", async () => {
    using temp = tempCache();
    const problem = { dataset: "indices", date: "2024-11-21", step: "api", hint: "h", seenAtMs: 1 } as const;
    await noteProblem(temp.cache, { ...problem, ticker: "", state: "failed", error: "of all" });
    await noteProblem(temp.cache, { ...problem, ticker: "I:NDX", state: "denied", error: "of NDX" });
    const day = { from: "2024-11-21", to: "2024-11-21" };
    const { symbols, gaps } = statusOf(temp, ["SPX", "NDX", "AAPL"], day);
    expect(symbols.map(({ symbol, days }) => [symbol, days[0]?.state, days[0]?.note ?? null])).toEqual([
      ["SPX", "failed", "of all"],
      ["NDX", "denied", "of NDX"],
      ["AAPL", "missing", null],
    ]);
    expect(gaps).toBe(2);
  });

  test("knows a symbol as absent where the whole file was read", async () => {
    using temp = tempCache();
    await temp.cache.write(() => {
      const identity = { key: "k", etag: "e", sizeBytes: 1, lastModifiedMs: null };
      const readWhole = (dataset: Dataset, date: string, allTickers: boolean) =>
        markRead(temp.cache, flatFileId(temp.cache, { ...identity, dataset, date }), {
          nowMs: 1,
          allTickers,
          rejected: [],
        });
      readWhole("stocks", "2024-11-20", true);
      readWhole("stocks", "2024-11-21", false);
      readWhole("indices", "2024-11-21", true);
    });
    const { symbols } = statusOf(temp, ["AAPL"], { from: "2024-11-20", to: "2024-11-21" });
    expect(symbols[0]?.days.map((day) => day.state)).toEqual(["absent", "missing"]);
  });

  test("shows what a target lacks", async () => {
    using temp = tempCache();
    const TARGET = "db:5432/market public.historical_bars";
    await writeIndexDay(temp, "I:SPX", "2024-11-18", 390);
    await writeIndexDay(temp, "I:SPX", "2024-11-19", 390);
    await writeIndexDay(temp, "I:SPX", "2024-11-20", 0);
    const id = await openTarget(temp.cache, TARGET);
    const first = unsynced(temp.cache, id).slice(0, 1);
    await markSent(temp.cache, id, first);
    await confirm(temp.cache, id, first, MONDAY_MS);
    const range = { from: "2024-11-18", to: "2024-11-21" };
    const shown = statusOf(temp, ["SPX"], range);
    expect(shown.sync).toEqual({
      target: TARGET,
      unsyncedBatches: 2,
      unsyncedBars: 390,
      oldestUnsyncedAt: "2024-11-25T17:00:00.000Z",
      lastError: null,
    });
    expect(shown.symbols[0]?.days.map((day) => day.synced)).toEqual([true, false, false, false]);
    expect(shown.symbols[0]?.totals.unsynced).toBe(2);
    expect(statusOf(temp, ["SPX"], { ...range, target: TARGET })).toEqual(shown);
  });

  test("lacks everything at a target that was never written", async () => {
    using temp = tempCache();
    await writeIndexDay(temp, "I:SPX", "2024-11-18", 390);
    const shown = statusOf(temp, ["SPX"], { from: "2024-11-18", to: "2024-11-18", target: "new" });
    expect(shown.sync).toEqual({
      target: "new",
      unsyncedBatches: 1,
      unsyncedBars: 390,
      oldestUnsyncedAt: "2024-11-25T17:00:00.000Z",
      lastError: null,
    });
    expect(shown.symbols[0]?.totals.unsynced).toBe(1);
  });

  test("of a symbol that the cache never saw is a row of gaps", () => {
    using temp = tempCache();
    const { symbols, gaps } = statusOf(temp, ["X:BTC-USD"], { from: "2024-11-23", to: "2024-11-25" });
    expect(symbols[0]?.days.map((day) => day.state)).toEqual(["missing", "missing", "pending"]);
    expect(gaps).toBe(2);
  });

  test("of nothing is empty", () => {
    using temp = tempCache();
    expect(statusOf(temp, [], { from: "2024-11-18", to: "2024-11-18" })).toEqual({
      timeframe: "1m",
      from: "2024-11-18",
      to: "2024-11-18",
      symbols: [],
      sync: { target: null, unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null },
      entitlements: [],
      flatFiles: { files: 0, bytes: 0 },
      gaps: 0,
      suspicious: 0,
    });
  });
});

describe("what the plan does not include", () => {
  const WEEK_MS = 7 * 86_400_000;
  const DAY = { from: "2024-11-18", to: "2024-11-18" };
  const INDICES: Entitlement = {
    source: "flatfile",
    dataset: "indices",
    ticker: "",
    refusedTo: "2024-09-30",
    allowedFrom: "2024-10-01",
    sentence: "forbidden",
    seenAtMs: MONDAY_MS,
  };
  const SPX: Entitlement = {
    ...INDICES,
    source: "api",
    ticker: "I:SPX",
    refusedTo: EVERY_DAY,
    allowedFrom: null,
    seenAtMs: MONDAY_MS - WEEK_MS,
  };
  const SHOWN_INDICES = {
    source: "flatfile",
    dataset: "indices",
    ticker: null,
    refusedTo: "2024-09-30",
    refusedAlways: false,
    allowedFrom: "2024-10-01",
    sentence: "forbidden",
    seenAt: "2024-11-25T17:00:00.000Z",
    recheckDue: false,
  } as const;
  const SHOWN_SPX = {
    ...SHOWN_INDICES,
    source: "api",
    ticker: "I:SPX",
    refusedTo: null,
    refusedAlways: true,
    allowedFrom: null,
    seenAt: "2024-11-18T17:00:00.000Z",
    recheckDue: true,
  } as const;

  test("is told of the symbols shown and their datasets, with when it was seen and whether that is long ago", async () => {
    using temp = tempCache();
    const allowed = { ...INDICES, dataset: "crypto", refusedTo: null, sentence: null } as const;
    for (const one of [INDICES, SPX, allowed]) await rememberEntitlement(temp.cache, one);
    const told = (...symbols: string[]) => statusOf(temp, symbols, DAY).entitlements;
    expect(told("SPX", "X:BTC-USD")).toEqual([SHOWN_INDICES, SHOWN_SPX]);
    expect(told("NDX")).toEqual([SHOWN_INDICES]);
    expect(told("AAPL")).toEqual([]);
    expect(told()).toEqual([SHOWN_INDICES, SHOWN_SPX]);
  });

  test("is told of a dataset that is tracked as a whole, though none of its tickers is there", async () => {
    using temp = tempCache();
    const crypto = { ...INDICES, dataset: "crypto" } as const;
    await rememberEntitlement(temp.cache, crypto);
    await track(temp.cache, { symbols: [], wholeDatasets: ["crypto"] }, 1);
    expect(statusOf(temp, ["AAPL"], DAY).entitlements).toEqual([{ ...SHOWN_INDICES, dataset: "crypto" }]);
  });

  test("is no gap, and its days say so in the vendor's words", async () => {
    using temp = tempCache();
    await noteProblem(temp.cache, deniedDay("indices", "2024-11-18", "forbidden", MONDAY_MS));
    const { symbols, gaps } = statusOf(temp, ["SPX"], DAY);
    const note = "your subscription does not include this day; the vendor says: forbidden";
    expect([symbols[0]?.days, gaps]).toEqual([[cell("2024-11-18", { state: "denied", note })], 0]);
  });
});

test("a day of a plan that is late is told as such", async () => {
  using temp = tempCache();
  await writeIndexDay(temp, "I:SPX", "2024-11-18", 390);
  temp.cache.db.run("UPDATE batches SET is_delayed = 1");
  const { symbols } = statusOf(temp, ["SPX"], { from: "2024-11-18", to: "2024-11-19" });
  expect(symbols[0]?.days.map(({ delayed }) => delayed)).toEqual([true, false]);
});

test("a day that is marked as not read is a gap that says so, and its bars count nowhere", async () => {
  using temp = tempCache();
  await writeIndexDay(temp, "I:SPX", "2024-11-18", 390);
  const key = await keyOf(temp.cache, "I:SPX", "2024-11-18");
  await temp.cache.write(() => markUnread(temp.cache, key));
  const { symbols, gaps } = statusOf(temp, ["SPX"], { from: "2024-11-18", to: "2024-11-18" });
  const note = "marked as not read by verify --repair";
  expect([symbols[0]?.days, symbols[0]?.totals.bars, gaps]).toEqual([
    [cell("2024-11-18", { state: "partial", bars: 390, note })],
    0,
    1,
  ]);
});
