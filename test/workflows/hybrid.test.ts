import { describe, expect, test } from "bun:test";
import { problemsOf } from "../../src/cache/problems.ts";
import { beginRun, endRun, lastRuns } from "../../src/cache/runs.ts";
import type { Bar } from "../../src/core/bar.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { parseSymbols } from "../../src/core/symbols.ts";
import { hybrid } from "../../src/workflows/hybrid.ts";
import { MONDAY_MS, restSettings, s3Settings, startVendor, type Vendor } from "../massive/support.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { rejectionOf } from "../support/thrown.ts";
import { collectedProgress, contentOf, contextOf, PLAINLY } from "./run-context.ts";

const DAY = { from: "2024-11-22", to: "2024-11-22" };

/** A run with the keys of a look-alike; flat files alone unless `settings` says more. */
function runWith(
  temp: TempCache,
  vendor: Vendor,
  settings: Partial<RunContext["settings"]> = {},
  fields: Partial<RunContext> = {},
): RunContext {
  const context = contextOf(temp, { nowMs: MONDAY_MS, ...fields });
  return { ...context, settings: { ...context.settings, s3: s3Settings(vendor.sandbox), ...settings } };
}

describe("hybrid", () => {
  test("names the symbols that have no bar on any of the days", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const selection = parseSymbols(["SPX", "I:SPXX", "NDX", "APPL"]);
    const rest = restSettings(vendor.sandbox);
    const result = await hybrid(runWith(temp, vendor, { rest }), { selection, ...DAY, ...PLAINLY });
    expect(result.symbolsWithoutBars).toEqual(["SPXX", "APPL"]);
    const again = await hybrid(runWith(temp, vendor, { rest }), { selection, ...DAY, ...PLAINLY });
    expect([again.symbolsWithoutBars, again.days.flatfile]).toEqual([["SPXX", "APPL"], 0]);
  });

  test.each([
    ["a table", { table: "my table" }],
    ["an address", { databaseUrl: "mysql://u@h/d" }],
  ])("refuses %s of the database that cannot be before it asks for anything", async (_what, settings) => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = runWith(temp, vendor, { databaseUrl: "postgres://u@127.0.0.1:1/d", ...settings });
    const before = contentOf(temp.cache);
    const error = await rejectionOf(
      hybrid(context, { selection: parseSymbols(["SPX"]), ...DAY, ...PLAINLY }),
    );
    expect(error.kind).toBe("settings");
    expect(vendor.sandbox.requests).toEqual([]);
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("says from when on the vendor has a dataset if earlier days are asked for", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const lines = async (from: string) => {
      const progress = collectedProgress();
      const range = { from, to: "2023-02-14" };
      const selection = parseSymbols(["SPX"]);
      await hybrid(runWith(temp, vendor, {}, { progress }), { selection, ...range, ...PLAINLY });
      return progress.lines.filter((line) => line.includes("begin on"));
    };
    expect(await lines("2023-02-13")).toEqual([
      "info The vendor's indices begin on 2023-02-14: earlier days are left out.",
    ]);
    expect(await lines("2023-02-14")).toEqual([]);
  });

  test("fails the day whose file the vendor never published", async () => {
    using temp = tempCache();
    const nowMs = Date.parse("2024-12-02T20:00:00Z");
    await using vendor = await startVendor({ sandbox: { nowMs: () => nowMs } });
    vendor.sandbox.hold("indices", "2024-11-20");
    vendor.sandbox.hold("indices", "2024-11-29");
    const range = { from: "2024-11-20", to: "2024-11-29" };
    const context = runWith(temp, vendor, {}, { nowMs });
    const selection = parseSymbols(["SPX"]);
    const result = await hybrid(context, { selection, ...range, ...PLAINLY });
    expect(result.days).toEqual({ flatfile: 5, api: 0, skipped: 0, pending: 1, denied: 0, failed: 1 });
    expect(result.failures.map(({ date, step, settings }) => [date, step, settings])).toEqual([
      ["2024-11-20", "list", false],
    ]);
  });
});

function spxOn(vendor: Vendor, date: string): Bar[] {
  return vendor.sandbox.truth("indices", "I:SPX", date);
}

async function barsOf({ cache }: TempCache, date: string) {
  return heldOf(cache, await keyOf(cache, "I:SPX", date));
}

describe("a run that reaches to today", () => {
  const SPX = parseSymbols(["SPX"]);
  const LAST_DAYS = { ...PLAINLY, selection: SPX, from: "2024-11-25", to: "2024-11-25" };
  test("replaces bars of the API by their flat file once it is listed, and says how they differ", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.hold("indices", "2024-11-21");
    const rest = restSettings(vendor.sandbox);
    const week = { ...PLAINLY, selection: SPX, from: "2024-11-21", to: "2024-11-22" };
    await hybrid(runWith(temp, vendor, { rest }), week);
    expect((await barsOf(temp, "2024-11-21")).batch?.source).toBe("api");

    vendor.sandbox.republish("indices", "2024-11-21", ["I:SPX"]);
    vendor.sandbox.release("indices", "2024-11-21");
    const before = (await barsOf(temp, "2024-11-21")).bars;
    const result = await hybrid(runWith(temp, vendor, {}), LAST_DAYS);
    const { batch, bars } = await barsOf(temp, "2024-11-21");
    expect([batch?.source, bars]).toEqual(["flatfile", spxOn(vendor, "2024-11-21")]);
    expect(result.days).toMatchObject({ flatfile: 1, pending: 1 });
    expect(result.replaced).toEqual({
      provisional: { days: 1, ...differenceOf(before, bars) },
      republished: { days: 0, added: 0, changed: 0, removed: 0 },
    });
  });

  test("replaces bars of the API however long ago their days are, but not those whose files are refused", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { historyFrom: "2024-01-01" } });
    const rest = restSettings(vendor.sandbox);
    const long = { ...PLAINLY, source: "api", selection: SPX, from: "2024-08-05", to: "2024-11-22" } as const;
    await hybrid(runWith(temp, vendor, { rest }), long);
    vendor.sandbox.changePlan({ planFrom: { indices: "2024-08-09" } });
    const result = await hybrid(runWith(temp, vendor, { rest }), LAST_DAYS);
    const sources = ["2024-08-08", "2024-08-09", "2024-11-22"].map(async (date) => {
      return (await barsOf(temp, date)).batch?.source;
    });
    expect(await Promise.all(sources)).toEqual(["api", "flatfile", "flatfile"]);
    expect(result.replaced.provisional.days).toBe(result.days.flatfile);
    vendor.sandbox.clearRequests();
    await hybrid(runWith(temp, vendor, { rest }), LAST_DAYS);
    expect(vendor.sandbox.requests.filter(({ path }) => path.endsWith(".gz"))).toEqual([]);
  });

  test("reads published days again that were published anew, as far back as it is told", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const week = { ...PLAINLY, selection: SPX, from: "2024-11-18", to: "2024-11-22" };
    await hybrid(runWith(temp, vendor), week);
    const before = (await barsOf(temp, "2024-11-20")).bars;
    vendor.sandbox.republish("indices", "2024-11-20", ["I:SPX"]);
    const untouched = await hybrid(runWith(temp, vendor), {
      ...LAST_DAYS,
      from: "2024-11-22",
      to: "2024-11-22",
    });
    expect(untouched.days.flatfile).toBe(0);
    const { bars: held } = await barsOf(temp, "2024-11-20");
    expect(held).toEqual(before);

    const result = await hybrid(runWith(temp, vendor), LAST_DAYS);
    const { bars } = await barsOf(temp, "2024-11-20");
    expect(bars).toEqual(spxOn(vendor, "2024-11-20"));
    expect(result.replaced.republished).toEqual({ days: 1, ...differenceOf(before, bars) });
  });

  test("asks for no listing of days that were read, but for those that are rechecked", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { historyFrom: "2024-08-01" } });
    const months = { ...PLAINLY, selection: SPX, from: "2024-08-26", to: "2024-11-22" };
    const listings = () =>
      vendor.sandbox.requests.flatMap(({ path, query }) =>
        path.endsWith("/flatfiles/") || path.endsWith("/flatfiles")
          ? [new URLSearchParams(query).get("prefix")]
          : [],
      );
    const run = async (fields: Partial<typeof months> & { recheckDays?: number }) => {
      vendor.sandbox.clearRequests();
      await hybrid(runWith(temp, vendor), { ...months, ...fields });
      return listings()
        .map((prefix) => prefix?.slice(-8) ?? "")
        .toSorted();
    };
    expect(await run({})).toEqual(["2024/08/", "2024/09/", "2024/10/", "2024/11/"]);
    expect(await run({})).toEqual(["2024/11/"]);
    expect(await run({ recheckDays: 0 })).toEqual([]);
    expect(await run({ recheckDays: 30 })).toEqual(["2024/10/", "2024/11/"]);
  });
});

/** How bars differ from what they were, counted without the code that is judged. */
function differenceOf(before: readonly Bar[], after: readonly Bar[]) {
  const old = new Map(before.map((bar) => [bar.windowStartMs, JSON.stringify(bar)]));
  const kept = after.filter(({ windowStartMs }) => old.has(windowStartMs));
  return {
    added: after.length - kept.length,
    changed: kept.filter((bar) => old.get(bar.windowStartMs) !== JSON.stringify(bar)).length,
    removed: before.length - kept.length,
  };
}

describe("a listing that cannot be read", () => {
  const unavailable = { kind: "answer", answer: FAULT_ANSWERS.html() } as const;
  const SPX = parseSymbols(["SPX"]);

  test("fails the days that need it, and lets those come that the API can bring", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: /list-type=2/, times: Infinity, fault: unavailable });
    const settings = { rest: restSettings(vendor.sandbox) };
    const options = { ...PLAINLY, selection: SPX, from: "2024-11-21", to: "2024-11-25" };
    const result = await hybrid(runWith(temp, vendor, settings), options);
    expect(result.days).toEqual({ flatfile: 0, api: 1, skipped: 0, pending: 0, denied: 0, failed: 2 });
    expect(result.failures.map(({ date, step, error }) => [date, step, error])).toEqual([
      ["2024-11-21", "list", expect.stringContaining("list us_indices/")],
      ["2024-11-22", "list", expect.stringContaining("list us_indices/")],
    ]);
  });
});

describe("the source that is chosen", () => {
  const week = { ...PLAINLY, selection: parseSymbols(["SPX"]), from: "2024-11-18", to: "2024-11-22" };

  test("flatfiles waits for what is not published, and needs keys", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.hold("indices", "2024-11-22");
    const rest = restSettings(vendor.sandbox);
    const result = await hybrid(runWith(temp, vendor, { rest }), { ...week, source: "flatfiles" });
    expect(result.days).toMatchObject({ flatfile: 4, api: 0, pending: 1 });
    const without = hybrid(runWith(temp, vendor, { rest, s3: null }), { ...week, source: "flatfiles" });
    expect((await rejectionOf(without)).reason).toBe("no S3 keys are set");
  });

  test("api asks S3 for nothing, and cannot bring every ticker", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const rest = restSettings(vendor.sandbox);
    const result = await hybrid(runWith(temp, vendor, { rest }), { ...week, source: "api" });
    expect(result).toMatchObject({ days: { flatfile: 0, api: 5 }, requests: 1 });
    expect(vendor.sandbox.requests.map(({ path }) => path)).toEqual([
      "/v2/aggs/ticker/I:SPX/range/1/minute/2024-11-18/2024-11-22",
    ]);
    const every = { ...week, selection: parseSymbols(["*"], "indices"), source: "api" as const };
    expect((await rejectionOf(hybrid(runWith(temp, vendor, { rest }), every))).kind).toBe("usage");
    const without = hybrid(runWith(temp, vendor), { ...week, source: "api" });
    expect((await rejectionOf(without)).reason).toBe("MASSIVE_API_KEY is not set");
  });
});

test("each run is remembered with what it moved", async () => {
  using temp = tempCache();
  await using vendor = await startVendor();
  const week = { ...PLAINLY, selection: parseSymbols(["SPX"]), from: "2024-11-22", to: "2024-11-25" };
  const rest = restSettings(vendor.sandbox);
  const { files, bars } = await hybrid(runWith(temp, vendor, { rest }), week);
  expect(lastRuns(temp.cache, 10)).toMatchObject([
    { command: "hybrid", error: null, downloadedBytes: files.bytes, requests: 1, barsCached: bars.cached },
  ]);
  const refused = runWith(temp, vendor, { rest: { ...rest, apiKey: "x" }, s3: null });
  await hybrid(refused, { ...week, source: "api" });
  expect(lastRuns(temp.cache, 10)).toHaveLength(2);
});

describe("what the API refuses while a run is at work", () => {
  const SPX = parseSymbols(["SPX"]);

  test("comes from flat files if the API was only the cheaper way", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { tickers: ["I:NDX"] } } });
    const rest = restSettings(vendor.sandbox);
    const options = {
      ...PLAINLY,
      source: "cheapest",
      selection: SPX,
      from: "2024-11-18",
      to: "2024-11-22",
    } as const;
    const progress = collectedProgress();
    const context = runWith(temp, vendor, { rest }, { progress });
    await slowDownloads(temp);
    const result = await hybrid(context, options);
    expect(progress.lines.filter((line) => line.startsWith("warn"))).toEqual([
      "warn ask the API for I:SPX 2024-11-18 to 2024-11-22: the subscription does not include this ticker (HTTP 403); the vendor says: You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing. Flat files bring what is missing.",
    ]);
    expect(vendor.sandbox.requests.filter(({ path }) => path.startsWith("/v2/"))).toHaveLength(1);
    expect(result).toMatchObject({
      days: { flatfile: 5, api: 0, pending: 0, denied: 0, failed: 0 },
      failures: [],
    });
    expect((await barsOf(temp, "2024-11-18")).bars).toEqual(spxOn(vendor, "2024-11-18"));
  });

  test("comes from flat files too if the API fails, which then serve every symbol", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const fault = { kind: "answer", answer: FAULT_ANSWERS.html() } as const;
    vendor.sandbox.faults.add({ match: /I:SPX/, times: Infinity, fault });
    const options = {
      ...PLAINLY,
      source: "cheapest",
      selection: parseSymbols(["NDX", "SPX"]),
      from: "2024-11-21",
      to: "2024-11-22",
    } as const;
    await slowDownloads(temp);
    const result = await hybrid(runWith(temp, vendor, { rest: restSettings(vendor.sandbox) }), options);
    expect(result).toMatchObject({ days: { flatfile: 2, api: 2, failed: 0 }, failures: [] });
    expect((await barsOf(temp, "2024-11-21")).batch?.source).toBe("flatfile");
    const ndx = heldOf(temp.cache, await keyOf(temp.cache, "I:NDX", "2024-11-21"));
    expect([ndx.batch?.source, ndx.bars]).toEqual([
      "flatfile",
      vendor.sandbox.truth("indices", "I:NDX", "2024-11-21"),
    ]);
  });

  test("waits for its flat file if that is still to come: the same on the first run and on later ones", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { tickers: ["I:NDX"] } } });
    const context = runWith(temp, vendor, { rest: restSettings(vendor.sandbox) });
    const options = { ...PLAINLY, selection: SPX, from: "2024-11-22", to: "2024-11-25" };
    const first = await hybrid(context, options);
    expect(first).toMatchObject({ days: { flatfile: 1, pending: 1, denied: 0, failed: 0 }, failures: [] });
    const [note] = problemsOf(temp.cache, "indices", "2024-11-25", "2024-11-25");
    expect(note).toMatchObject({
      ticker: "I:SPX",
      state: "pending",
      error: expect.stringContaining("is not published yet, and the API refuses it: You are not entitled"),
    });
    vendor.sandbox.clearRequests();
    const second = await hybrid(context, options);
    expect(second).toMatchObject({ days: { flatfile: 0, pending: 1, denied: 0, failed: 0 }, failures: [] });
    expect(vendor.sandbox.requests.filter(({ path }) => path.startsWith("/v2/"))).toEqual([]);
  });

  test("is denied where no flat file will come", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { tickers: ["I:NDX"] } } });
    const context = runWith(temp, vendor, { rest: restSettings(vendor.sandbox), s3: null });
    const result = await hybrid(context, {
      ...PLAINLY,
      selection: SPX,
      from: "2024-11-21",
      to: "2024-11-22",
    });
    expect(result.days).toMatchObject({ api: 0, pending: 0, denied: 2 });
    expect(result.failures).toHaveLength(2);
  });
});

describe("what a run could not have", () => {
  test("is told with its reason: what the plan refuses is no misspelt ticker", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { tickers: ["I:NDX"] } } });
    const context = runWith(temp, vendor, { rest: restSettings(vendor.sandbox) });
    const week = { ...PLAINLY, source: "api", from: "2024-11-21", to: "2024-11-22" } as const;
    for (let runs = 0; runs < 2; runs++) {
      const result = await hybrid(context, { ...week, selection: parseSymbols(["SPX", "NDX"]) });
      expect(result.days.denied).toBe(2);
      expect(result.symbolsWithoutBars).toEqual([]);
      expect(result.refusals).toMatchObject([{ source: "api", ticker: "I:SPX", refusedAlways: true }]);
    }
    const ndx = await hybrid(context, { ...week, selection: parseSymbols(["NDX"]) });
    expect(ndx.refusals).toEqual([]);
  });

  test("is every ticker of a dataset without S3 keys: an error, not a day of waiting", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const rest = restSettings(vendor.sandbox);
    const selection = parseSymbols(["*"], "stocks");
    const range = { from: "2024-11-21", to: "2024-11-22" };
    const run = hybrid(runWith(temp, vendor, { rest, s3: null }), { ...PLAINLY, ...range, selection });
    expect(await rejectionOf(run)).toMatchObject({
      kind: "settings",
      reason: "no S3 keys are set, and the REST API has no question for every ticker",
    });
  });

  test("is remembered where the listing could not be read: later runs of other days leave it a gap", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const fault = { kind: "answer", answer: FAULT_ANSWERS.html() } as const;
    vendor.sandbox.faults.add({ match: /list-type=2/, fault });
    const context = runWith(temp, vendor);
    const options = { ...PLAINLY, selection: parseSymbols(["SPX"]), from: "2024-11-19", to: "2024-11-20" };
    expect((await hybrid(context, options)).days.failed).toBe(2);
    await hybrid(context, { ...options, from: "2024-11-22", to: "2024-11-22" });
    const notes = problemsOf(temp.cache, "indices", "2024-11-18", "2024-11-22");
    expect(notes.map(({ date, state, step }) => [date, state, step])).toEqual([
      ["2024-11-19", "failed", "list"],
      ["2024-11-20", "failed", "list"],
    ]);
    await hybrid(context, options);
    expect(problemsOf(temp.cache, "indices", "2024-11-18", "2024-11-22")).toEqual([]);
  });
});

/** Makes the cache remember runs in which downloads took much longer than requests. */
async function slowDownloads({ cache }: TempCache): Promise<void> {
  const figures = { readBytes: 0, barsCached: 0, barsSynced: 0, syncMs: 0 };
  const id = await beginRun(cache, "hybrid", 0);
  const slow = { ...figures, downloadedBytes: 1e6, filesMs: 1e9, requests: 1, apiMs: 1 };
  await endRun(cache, id, slow, { endedAtMs: 1, error: null });
}
