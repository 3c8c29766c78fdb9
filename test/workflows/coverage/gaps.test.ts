import { describe, expect, test } from "bun:test";
import { useAnnouncedDays } from "../../../src/core/sessions.ts";
import { trackedSymbol } from "../../../src/core/symbols.ts";
import { gapsOf, type Gap } from "../../../src/workflows/coverage/gaps.ts";
import { status } from "../../../src/workflows/coverage/status.ts";
import { barsFrom } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { NOW_MS, worldStatus, writeWorld } from "./world.ts";
import type { Cache } from "../../../src/cache/cache.ts";

function gapsIn(cache: Cache, name: string): Gap[] {
  return worldStatus(cache, [name]).symbols.flatMap((coverage) => gapsOf(coverage, NOW_MS));
}

function scope(from: string, to: string): string[] {
  return ["--symbols=I:SPX", `--from=${from}`, `--to=${to}`];
}

describe("the gaps of a symbol", () => {
  const SPX = { ...trackedSymbol("indices", "I:SPX"), command: "hybrid" };

  test("are ranges, each with its cause and the command that fills it", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    expect(gapsIn(temp.cache, "SPX")).toEqual([
      {
        ...SPX,
        from: "2024-11-05",
        to: "2024-11-06",
        days: 2,
        kind: "partial",
        source: "flatfile",
        cause: "389 of 390 minutes; the flat file lacks 15:59",
        flags: [...scope("2024-11-05", "2024-11-06"), "--recheck-days=20"],
      },
      {
        ...SPX,
        from: "2024-11-07",
        to: "2024-11-07",
        days: 1,
        kind: "partial",
        source: "flatfile",
        cause: "375 of 390 minutes; the flat file lacks 09:45–09:59",
        flags: [...scope("2024-11-07", "2024-11-07"), "--recheck-days=18"],
      },
      // Without bars on a day on which it usually has them all.
      {
        ...SPX,
        from: "2024-11-08",
        to: "2024-11-08",
        days: 1,
        kind: "suspicious",
        source: "flatfile",
        cause: "0 bars where about 390 are usual",
        command: "verify",
        flags: ["--api", ...scope("2024-11-08", "2024-11-08")],
      },
      {
        ...SPX,
        from: "2024-11-11",
        to: "2024-11-12",
        days: 2,
        kind: "missing",
        source: null,
        cause: "not fetched yet",
        flags: scope("2024-11-11", "2024-11-12"),
      },
      {
        ...SPX,
        from: "2024-11-13",
        to: "2024-11-13",
        days: 1,
        kind: "failed",
        source: null,
        cause: "the file is cut: 4.2 of 101.3 MB",
        flags: scope("2024-11-13", "2024-11-13"),
      },
      {
        ...SPX,
        from: "2024-11-14",
        to: "2024-11-14",
        days: 1,
        kind: "denied",
        source: null,
        cause: "your subscription does not include this day; the vendor says: forbidden",
        flags: [...scope("2024-11-14", "2024-11-14"), "--recheck-entitlements"],
      },
      {
        ...SPX,
        from: "2024-11-15",
        to: "2024-11-15",
        days: 1,
        kind: "missing",
        source: null,
        cause: "the vendor has published no flat file of it",
        flags: scope("2024-11-15", "2024-11-15"),
      },
      {
        ...SPX,
        from: "2024-11-19",
        to: "2024-11-19",
        days: 1,
        kind: "missing",
        source: null,
        cause: "not fetched yet",
        flags: scope("2024-11-19", "2024-11-19"),
      },
      {
        ...SPX,
        from: "2024-11-20",
        to: "2024-11-20",
        days: 1,
        kind: "partial",
        source: "api",
        cause: "150 of 390 minutes; the API lacks 12:00–15:59",
        flags: scope("2024-11-20", "2024-11-20"),
      },
    ]);
  });

  test("that trade when they trade are days with far fewer bars than usual, to be looked into", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    expect(gapsIn(temp.cache, "AAPL")).toEqual([
      {
        ...trackedSymbol("stocks", "AAPL"),
        from: "2024-11-12",
        to: "2024-11-13",
        days: 2,
        kind: "suspicious",
        source: "flatfile",
        cause: "100 bars where about 300 are usual",
        command: "verify",
        flags: ["--api", "--symbols=AAPL", "--from=2024-11-12", "--to=2024-11-13"],
      },
    ]);
    expect(worldStatus(temp.cache, ["AAPL"])).toMatchObject({ gaps: 0, suspicious: 2 });
  });

  test("are judged by the days before the range that is shown", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const shown = (from: string, to: string) => worldStatus(temp.cache, ["AAPL"], { from, to }).suspicious;
    expect(shown("2024-11-12", "2024-11-12")).toBe(1);
    expect(shown("2024-11-13", "2024-11-22")).toBe(1);
    expect(shown("2024-11-14", "2024-11-22")).toBe(0);
  });

  test("name a stock so that it is not taken for the index of that name", () => {
    using temp = tempCache();
    const symbols = [trackedSymbol("stocks", "COMP")];
    const range = { from: "2024-11-20", to: "2024-11-20" };
    const gaps = worldStatus(temp.cache, [], { symbols, ...range }).symbols.flatMap((one) =>
      gapsOf(one, NOW_MS),
    );
    expect(gaps.map(({ flags }) => flags)).toEqual([
      ["--symbols=COMP", "--dataset=stocks", "--from=2024-11-20", "--to=2024-11-20"],
    ]);
  });

  test("end at a day that is there, and go on over a closed one that was announced", () => {
    using temp = tempCache();
    const range = { from: "2024-11-18", to: "2024-11-22" };
    const days = () =>
      worldStatus(temp.cache, ["SPX"], range)
        .symbols.flatMap((one) => gapsOf(one, NOW_MS))
        .map(({ from, to, days: count }) => [from, to, count]);
    expect(days()).toEqual([["2024-11-18", "2024-11-22", 5]]);
    useAnnouncedDays([{ date: "2024-11-20", name: "Storm", close: null }]);
    try {
      expect(days()).toEqual([["2024-11-18", "2024-11-22", 4]]);
    } finally {
      useAnnouncedDays([]);
    }
  });

  test("of a cache of an earlier version are found by looking at the bars", async () => {
    using temp = tempCache();
    await writeWorld(temp.cache);
    const before = gapsIn(temp.cache, "SPX");
    temp.cache.db.run("UPDATE batches SET session_holes = NULL");
    expect(gapsIn(temp.cache, "SPX")).toEqual(before);
  });
});

test("a ticker of a file that nobody could name is listed all the same", async () => {
  using temp = tempCache();
  const ticker = "I:A <B>";
  await writeDay(temp.cache, {
    date: "2024-11-05",
    blocks: [[ticker, barsFrom(Date.UTC(2024, 10, 5, 15), [1])]],
  });
  const { symbols } = status(temp.cache, {
    symbols: [trackedSymbol("indices", ticker)],
    from: "2024-11-05",
    to: "2024-11-05",
    nowMs: NOW_MS,
    target: null,
  });
  const gaps = symbols.flatMap((coverage) => gapsOf(coverage, NOW_MS));
  expect(gaps.map(({ kind, flags }) => [kind, flags.slice(0, 2)])).toEqual([
    ["partial", [`--symbols=${ticker}`, "--dataset=indices"]],
  ]);
});
