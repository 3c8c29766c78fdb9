import { describe, expect, test } from "bun:test";
import type { DayChanges } from "../../src/cache/day-writer.ts";
import type { Failure } from "../../src/workflows/failures.ts";
import type { Plan, PlannedDay } from "../../src/workflows/planning/plan.ts";
import { FillTally, type FillResult } from "../../src/workflows/tally.ts";

const NONE_REPLACED = { days: 0, added: 0, changed: 0, removed: 0 };

const NOTHING: FillResult = {
  days: { flatfile: 0, api: 0, skipped: 0, pending: 0, denied: 0, failed: 0 },
  files: { downloaded: 0, reused: 0, bytes: 0 },
  bars: { cached: 0, changed: 0, rejected: 0 },
  replaced: { provisional: NONE_REPLACED, republished: NONE_REPLACED },
  requests: 0,
  failures: [],
};

function planOf(
  ...rows: readonly (readonly [ticker: string, date: string, action: PlannedDay["action"]])[]
): Plan {
  const days = rows.map(([ticker, date, action]): PlannedDay => {
    const dataset = ticker.startsWith("I:") ? "indices" : "stocks";
    return { dataset, ticker, date, action, reason: action === "miss" ? "never published" : "up to date" };
  });
  return { days, files: [], requests: [] };
}

function changes(fields: Partial<DayChanges>): DayChanges {
  return { batches: 1, bars: 0, added: 0, changed: 0, removed: 0, ...fields };
}

function failure(date: string, fields: Partial<Failure> = {}): Failure {
  const words = { step: "download", error: "e", hint: "h", help: "network" } as const;
  return { dataset: "indices", date, ...words, settings: false, denied: false, ...fields };
}

describe("FillTally", () => {
  test("has nothing to tell of a plan of nothing", () => {
    expect(new FillTally(planOf()).result()).toEqual(NOTHING);
  });

  test("counts a day once for its dataset, however many symbols it has", () => {
    const tally = new FillTally(
      planOf(
        ["I:SPX", "2024-11-20", "wait"],
        ["I:NDX", "2024-11-20", "wait"],
        ["AAPL", "2024-11-20", "wait"],
        ["I:SPX", "2024-11-19", "denied"],
        ["I:NDX", "2024-11-19", "denied"],
      ),
    );
    expect(tally.result().days).toEqual({ ...NOTHING.days, pending: 2, denied: 1 });
  });

  test("skips a day only if every symbol of it is there", () => {
    const tally = new FillTally(
      planOf(
        ["I:SPX", "2024-11-20", "keep"],
        ["I:NDX", "2024-11-20", "keep"],
        ["I:VIX", "2024-11-20", "none"],
        ["I:SPX", "2024-11-21", "keep"],
        ["I:NDX", "2024-11-21", "read file"],
        ["I:SPX", "2024-11-22", "ask API"],
        ["I:NDX", "2024-11-22", "keep"],
        ["AAPL", "2024-11-22", "keep"],
        ["I:SPX", "2024-11-23", "none"],
        ["I:NDX", "2024-11-23", "none"],
      ),
    );
    expect(tally.result().days).toEqual({ ...NOTHING.days, skipped: 2 });
  });

  test("adds up files, bytes, bars and bad rows", () => {
    const tally = new FillTally(planOf());
    tally.fetched({ bytes: 1000, reused: false });
    tally.fetched({ bytes: 0, reused: true });
    tally.fetched({ bytes: 24, reused: false });
    tally.read("indices", "2024-11-20", changes({ bars: 390, added: 380, changed: 9, removed: 1 }), 3);
    tally.read("stocks", "2024-11-20", changes({ bars: 10 }), 0);
    tally.read("stocks", "2024-11-21", changes({ bars: 5, added: 5 }), 4);
    expect(tally.result()).toEqual({
      ...NOTHING,
      days: { ...NOTHING.days, flatfile: 3 },
      files: { downloaded: 2, reused: 1, bytes: 1024 },
      bars: { cached: 405, changed: 395, rejected: 7 },
    });
  });

  test("counts the dates of an answer, its pages and its bars", () => {
    const tally = new FillTally(planOf());
    const dates = ["2024-11-21", "2024-11-22"];
    tally.answered({
      dataset: "indices",
      dates,
      requests: 2,
      changes: [changes({ bars: 390, added: 390 }), changes({ bars: 100, added: 90, changed: 10 })],
      rejected: 2,
      failures: [],
    });
    tally.answered({
      dataset: "indices",
      dates,
      requests: 1,
      changes: [changes({ bars: 1 })],
      rejected: 1,
      failures: [],
    });
    tally.answered({
      dataset: "stocks",
      dates: ["2024-11-22"],
      requests: 1,
      changes: [changes({})],
      rejected: 0,
      failures: [],
    });
    expect(tally.result()).toEqual({
      ...NOTHING,
      days: { ...NOTHING.days, api: 3 },
      bars: { cached: 491, changed: 490, rejected: 3 },
      requests: 4,
    });
  });

  test("counts what the plan does not include as denied, not as failed", () => {
    const tally = new FillTally(
      planOf(["I:SPX", "2024-11-19", "denied"], ["I:SPX", "2024-11-20", "ask API"]),
    );
    const failures = [
      failure("2024-11-19", { step: "api", settings: true, denied: true }),
      failure("2024-11-20", { step: "api", settings: true, denied: true }),
      failure("2024-11-21", { step: "api" }),
    ];
    tally.failed(failures);
    expect(tally.result()).toEqual({ ...NOTHING, days: { ...NOTHING.days, denied: 2, failed: 1 }, failures });
  });

  test("has a failure for every day that the vendor never published", () => {
    const tally = new FillTally(
      planOf(
        ["I:SPX", "2024-11-08", "miss"],
        ["I:NDX", "2024-11-08", "miss"],
        ["AAPL", "2024-11-08", "miss"],
        ["I:SPX", "2024-11-22", "wait"],
      ),
    );
    const missed = {
      date: "2024-11-08",
      step: "list",
      error: "the vendor lists no flat file for this session",
      hint: "Set MASSIVE_API_KEY to ask the REST API for it.",
      help: "no-file",
      settings: false,
      denied: false,
    } as const;
    const earlier = failure("2024-11-07");
    tally.failed([earlier]);
    expect(tally.result()).toEqual({
      ...NOTHING,
      days: { ...NOTHING.days, pending: 1, failed: 3 },
      failures: [earlier, { dataset: "indices", ...missed }, { dataset: "stocks", ...missed }],
    });
  });

  test("counts a day that failed in two ways once, and tells both, in the order of the days", () => {
    const tally = new FillTally(planOf());
    const failures = [
      failure("2024-11-20"),
      failure("2024-11-20", { step: "api", settings: true }),
      failure("2024-11-21"),
      failure("2024-11-20", { dataset: "stocks" }),
    ];
    tally.failed(failures.slice(0, 1));
    tally.failed(failures.slice(1));
    const inOrder = [0, 1, 3, 2].flatMap((index) => failures[index] ?? []);
    expect(tally.result()).toEqual({ ...NOTHING, days: { ...NOTHING.days, failed: 3 }, failures: inOrder });
  });

  test("adds up what flat files did to the bars of earlier answers and versions, by days", () => {
    const tally = new FillTally(planOf());
    const none = { batches: 0, added: 0, changed: 0, removed: 0 };
    const some = { batches: 2, added: 3, changed: 4, removed: 5 };
    tally.replaced({ provisional: some, republished: none });
    tally.replaced({ provisional: none, republished: none });
    tally.replaced({ provisional: { ...none, batches: 1 }, republished: some });
    expect(tally.result().replaced).toEqual({
      provisional: { days: 2, added: 3, changed: 4, removed: 5 },
      republished: { days: 1, added: 3, changed: 4, removed: 5 },
    });
  });

  test("fails the days of which nobody can tell whether they are published, in the words of the listing", () => {
    const plan = planOf(["I:SPX", "2024-11-20", "miss"], ["I:NDX", "2024-11-20", "miss"]);
    const days = plan.days.map((day) => ({
      ...day,
      reason: "the listing could not be read" as const,
      sentence: "list us_indices/: the flat files cannot be reached",
    }));
    expect(new FillTally({ ...plan, days }).result().failures).toEqual([
      {
        ...failure("2024-11-20"),
        step: "list",
        error: "list us_indices/: the flat files cannot be reached",
        hint: "Check the network connection and MASSIVE_S3_ENDPOINT, then run the same command again.",
        help: "network",
      },
    ]);
  });
});
