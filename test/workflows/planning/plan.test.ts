import { describe, expect, test } from "bun:test";
import { addDays, datesBetween } from "../../../src/core/dates.ts";
import { trackedSymbol } from "../../../src/core/symbols.ts";
import { filesToDownload, makePlan } from "../../../src/workflows/planning/plan.ts";
import { pagesOf, requestsFor, type PlannedRequest } from "../../../src/workflows/planning/requests.ts";
import { factsOf, file, fromApi, fromFile, type Given } from "./plan-facts.ts";

const SPX = trackedSymbol("indices", "I:SPX");
const AAPL = trackedSymbol("stocks", "AAPL");
const BTC = trackedSymbol("crypto", "X:BTC-USD");

describe("the files of a plan", () => {
  test("are read once each, for the tickers that lack them", () => {
    const files = [file("indices", "2024-11-21"), file("indices", "2024-11-22", { local: true })];
    const plan = makePlan(
      factsOf({
        symbols: ["SPX", "NDX", "VIX"],
        from: "2024-11-21",
        to: "2024-11-22",
        files,
        batches: { "I:SPX 2024-11-21": fromFile("2024-11-21"), "I:NDX 2024-11-22": fromFile("2024-11-22") },
      }),
    );
    expect(plan.files).toEqual([
      { file: file("indices", "2024-11-21"), tickers: ["I:NDX", "I:VIX"] },
      { file: file("indices", "2024-11-22", { local: true }), tickers: ["I:SPX", "I:VIX"] },
    ]);
    expect(plan.requests).toEqual([]);
    expect(filesToDownload(plan)).toEqual([file("indices", "2024-11-21")]);
  });

  test("come oldest first, those of one date by dataset, whatever the order of the symbols", () => {
    const files = (["stocks", "indices", "crypto"] as const).flatMap((dataset) => [
      file(dataset, "2024-11-22"),
      file(dataset, "2024-11-21"),
    ]);
    const plan = makePlan(
      factsOf({ symbols: ["AAPL", "X:BTC-USD", "SPX"], from: "2024-11-21", to: "2024-11-22", files }),
    );
    expect(plan.files.map((one) => `${one.file.date} ${one.file.dataset}`)).toEqual([
      "2024-11-21 crypto",
      "2024-11-21 indices",
      "2024-11-21 stocks",
      "2024-11-22 crypto",
      "2024-11-22 indices",
      "2024-11-22 stocks",
    ]);
  });

  test("are read for every ticker if the whole dataset is wanted, named symbols or not", () => {
    const given = { from: "2024-11-22", files: [file("stocks", "2024-11-22")] };
    const wholeDatasets = ["stocks"] as const;
    const expected = [{ file: file("stocks", "2024-11-22"), tickers: "all" as const }];
    expect(makePlan(factsOf({ ...given, wholeDatasets })).files).toEqual(expected);
    expect(makePlan(factsOf({ ...given, wholeDatasets, symbols: ["AAPL"] })).files).toEqual(expected);
  });

  test("are read for one ticker only if the rest was read before", () => {
    const given = { wholeDatasets: ["stocks"], symbols: ["AAPL"], from: "2024-11-22" } as const;
    const plan = makePlan(
      factsOf({
        ...given,
        files: [file("stocks", "2024-11-22")],
        allRead: ["stocks 2024-11-22 2024-11-22 first"],
        batches: { "AAPL 2024-11-22": fromApi("2024-11-22T21:00:00-05:00") },
      }),
    );
    expect(plan.files).toEqual([{ file: file("stocks", "2024-11-22"), tickers: ["AAPL"] }]);
  });

  test("outside the plan are not asked for, those on this machine are read", () => {
    const plan = makePlan(
      factsOf({
        symbols: ["SPX"],
        from: "2024-11-19",
        to: "2024-11-21",
        files: [
          file("indices", "2024-11-19", { local: true }),
          file("indices", "2024-11-20"),
          file("indices", "2024-11-21"),
        ],
        filesRefusedTo: { indices: "2024-11-20" },
      }),
    );
    expect(plan.files.map((one) => one.file.date)).toEqual(["2024-11-19", "2024-11-21"]);
    expect(filesToDownload(plan)).toEqual([file("indices", "2024-11-21")]);
  });
});

function requestsOf(given: Given): readonly PlannedRequest[] {
  return makePlan(factsOf({ ...given, api: true })).requests;
}

/** Two wanted crypto days, `days` apart, with everything between them in the cache. */
function requestsOverGap(days: number): (readonly string[])[] {
  const [first, last] = ["2024-06-01", addDays("2024-06-01", days)];
  const between = datesBetween(addDays(first, 1), addDays(last, -1));
  const batches = Object.fromEntries(between.map((date) => [`X:BTC-USD ${date}`, fromFile(date)]));
  return requestsOf({ symbols: ["X:BTC-USD"], from: first, to: last, batches }).map(({ dates }) => dates);
}

describe("the requests of a plan", () => {
  test("join the days of a symbol into one question, weekends bridged", () => {
    expect(requestsOf({ symbols: ["SPX", "X:BTC-USD"], from: "2024-11-22", to: "2024-11-25" })).toEqual([
      { symbol: SPX, from: "2024-11-22", to: "2024-11-25", dates: ["2024-11-22", "2024-11-25"] },
      {
        symbol: BTC,
        from: "2024-11-22",
        to: "2024-11-25",
        dates: ["2024-11-22", "2024-11-23", "2024-11-24", "2024-11-25"],
      },
    ]);
  });

  test("name only the days that are wanted, and begin and end with one", () => {
    const whole = fromApi("2024-11-24T12:00:00Z");
    const batches = {
      "I:SPX 2024-11-18": whole,
      "I:SPX 2024-11-20": whole,
      "I:SPX 2024-11-22": whole,
    };
    expect(requestsOf({ symbols: ["SPX"], from: "2024-11-18", to: "2024-11-22", batches })).toEqual([
      { symbol: SPX, from: "2024-11-19", to: "2024-11-21", dates: ["2024-11-19", "2024-11-21"] },
    ]);
  });

  test("come in the order of the symbols", () => {
    const symbols = requestsOf({ symbols: ["AAPL", "SPX"], from: "2024-11-22" }).map((one) => one.symbol);
    expect(symbols).toEqual([AAPL, SPX]);
  });

  test("are none for days that cannot have bars", () => {
    expect(requestsOf({ symbols: ["SPX"], from: "2024-11-23", to: "2024-11-24" })).toEqual([]);
    expect(requestsOf({ symbols: ["SPX"], from: "2024-11-26", to: "2024-11-29" })).toEqual([]);
  });

  test.each([
    ["SPX", 2],
    ["AAPL", 5],
    ["O:SPY251121C00650000", 2],
    ["X:BTC-USD", 10],
    ["C:EUR-USD", 9],
  ])("of %s for most of a year are one question of at most %d pages", (symbol, pages) => {
    const requests = requestsOf({ symbols: [symbol], from: "2024-01-02", to: "2024-11-22" });
    expect(requests.map(({ from, to }) => [from, to])).toEqual([["2024-01-02", "2024-11-22"]]);
    expect(requests.map(pagesOf)).toEqual([pages]);
  });

  test("for 90 days of three indices are three, for two days too", () => {
    const symbols = ["SPX", "NDX", "VIX"];
    for (const from of ["2024-08-27", "2024-11-22"]) {
      const requests = requestsOf({ symbols, from, to: "2024-11-25" });
      expect(requests.map(pagesOf)).toEqual([1, 1, 1]);
    }
  });

  test("go on over days that are here as long as that spares a request", () => {
    // A page holds 34 whole days of a pair.
    expect(requestsOverGap(33)).toEqual([["2024-06-01", "2024-07-04"]]);
    expect(requestsOverGap(34)).toEqual([["2024-06-01"], ["2024-07-05"]]);
  });

  test("never take more pages than one for each day would", () => {
    const dates = Array.from({ length: 60 }, (_, index) => addDays("2020-01-01", 30 * index));
    const questions = requestsFor(BTC, dates);
    expect(questions.flatMap((question) => question.dates)).toEqual(dates);
    expect(questions.map(pagesOf)).toEqual(Array.from({ length: 30 }, () => 1));
    const everyOther = Array.from({ length: 60 }, (_, index) => addDays("2020-01-01", 2 * index));
    expect(requestsFor(BTC, everyOther).map(pagesOf)).toEqual([1, 1, 1, 1]);
  });
});

describe("days before the range", () => {
  const files = ["2024-11-14", "2024-11-15", "2024-11-18", "2024-11-19", "2024-11-20"].map((date) =>
    file("indices", date),
  );
  const world: Given = {
    symbols: ["SPX", "NDX"],
    from: "2024-11-20",
    revisitFrom: "2024-11-14",
    files,
    api: true,
    batches: {
      "I:SPX 2024-11-13": fromApi("2024-11-14T12:00:00Z"),
      "I:SPX 2024-11-14": fromFile("2024-11-14"),
      "I:SPX 2024-11-15": fromFile("2024-11-15", { etag: "replaced" }),
      "I:SPX 2024-11-18": fromApi("2024-11-19T12:00:00Z"),
      "I:SPX 2024-11-21": fromApi("2024-11-21T12:00:00Z"),
      "I:NDX 2024-11-18": fromFile("2024-11-18", { barCount: 0, etag: "replaced" }),
    },
  };

  test("are read again where the cache has them and their flat file is a new one, and else left alone", () => {
    const { days } = makePlan(factsOf(world));
    expect(days.map(({ ticker, date, reason }) => `${ticker} ${date} ${reason}`)).toEqual([
      "I:SPX 2024-11-15 flat file republished",
      "I:SPX 2024-11-18 flat file published",
      "I:SPX 2024-11-20 flat file published",
      "I:NDX 2024-11-18 flat file republished",
      "I:NDX 2024-11-20 flat file published",
    ]);
  });

  test("are no concern of a run that has nothing to look at again", () => {
    const { days } = makePlan(factsOf({ ...world, revisitFrom: world.from }));
    expect(days.map(({ date }) => date)).toEqual(["2024-11-20", "2024-11-20"]);
  });

  test("of a whole dataset are read again if another version was read whole", () => {
    const whole = { ...world, symbols: [], wholeDatasets: ["indices"] } as const;
    const allRead = ["indices 2024-11-14 2024-11-14 first", "indices 2024-11-18 replaced"];
    const { days } = makePlan(factsOf({ ...whole, allRead }));
    expect(days.map(({ ticker, date, reason }) => `${ticker} ${date} ${reason}`)).toEqual([
      "* 2024-11-18 flat file republished",
      "* 2024-11-20 flat file published",
    ]);
  });
});

test("an empty range and an empty selection make an empty plan", () => {
  const nothing = { days: [], files: [], requests: [] };
  expect(makePlan(factsOf({ symbols: ["SPX"], from: "2024-11-22", to: "2024-11-21" }))).toEqual(nothing);
  expect(makePlan(factsOf({ from: "2024-11-22" }))).toEqual(nothing);
});
