import { describe, expect, test } from "bun:test";
import { parseSymbols } from "../../src/core/symbols.ts";
import { DATASETS } from "../../src/core/datasets.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import type { Clock } from "../../src/massive/clock.ts";
import { hybrid } from "../../src/workflows/hybrid.ts";
import { lastFiles, waitForFiles } from "../../src/workflows/wait-for-files.ts";
import { restSettings, s3Settings, startVendor, type Vendor } from "../massive/support.ts";
import { tempCache } from "../support/temp-cache.ts";
import { rejectionOf } from "../support/thrown.ts";
import { collectedProgress, contextOf, PLAINLY } from "./run-context.ts";

/** 10:00 in New York, Tuesday: Monday's file is not due yet. */
const TEN_MS = Date.parse("2024-11-26T10:00:00-05:00");
const MINUTE_MS = 60_000;
const SPX = [{ dataset: "indices", date: "2024-11-25" }] as const;

/** A clock that jumps to the end of each sleep, and what happens at the end of the nth. */
function jumpingClock(
  startMs: number,
  after: (sleeps: number) => void = () => {},
): Clock & { slept: number[] } {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    async sleep(ms) {
      slept.push(ms);
      nowMs += ms;
      after(slept.length);
    },
  };
}

/** A look-alike whose clock is the one that is waited by. */
function vendorAt(clock: Clock): Promise<Vendor> {
  return startVendor({ sandbox: { nowMs: () => clock.now(), historyFrom: "2024-11-18" } });
}

function listings({ sandbox }: Vendor): number {
  return sandbox.requests.filter(({ query }) => query.includes("list-type=2")).length;
}

const UNTIL_1130 = { untilMs: TEN_MS + 90 * MINUTE_MS, pollMs: 10 * MINUTE_MS };

describe("the files that a run waits for", () => {
  test("are those of the last session of each dataset before today, by New York's clock", () => {
    // Indices, stocks, options, crypto, forex.
    const days = {
      "2024-11-26T10:00:00-05:00": ["25", "25", "25", "25", "25"],
      "2024-11-25T00:00:00-05:00": ["22", "22", "22", "24", "24"],
      "2024-11-24T23:59:59-05:00": ["22", "22", "22", "23", "22"],
      "2024-11-29T10:00:00-05:00": ["27", "27", "27", "28", "28"],
    };
    for (const [time, expected] of Object.entries(days))
      expect(lastFiles(DATASETS, Date.parse(time)).map(({ date }) => date.slice(8))).toEqual(expected);
  });

  test("are none of a dataset whose history is still to begin, as by a clock that has lost the time", () => {
    expect(lastFiles(DATASETS, 0)).toEqual([]);
    const stocksBegin = "2003-09-10";
    expect(lastFiles(DATASETS, Date.parse(`${stocksBegin}T12:00:00-04:00`))).toEqual([]);
    expect(lastFiles(DATASETS, Date.parse("2003-09-11T12:00:00-04:00"))).toEqual([
      { dataset: "stocks", date: stocksBegin },
    ]);
  });
});

describe("waiting for files", () => {
  test("ends at the first look if they are there, without a word", async () => {
    const clock = jumpingClock(TEN_MS + 2 * 60 * MINUTE_MS);
    await using vendor = await vendorAt(clock);
    const progress = collectedProgress();
    const context = { progress, signal: new AbortController().signal };
    const options = { untilMs: clock.now() + 60 * MINUTE_MS, pollMs: MINUTE_MS, clock };
    expect(await waitForFiles(context, vendor.flatFiles, SPX, options)).toEqual([]);
    expect([clock.slept, listings(vendor), progress.lines]).toEqual([[], 1, []]);
  });

  test("goes on until they are listed: one request for each look and dataset", async () => {
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    const progress = collectedProgress();
    const context = { progress, signal: new AbortController().signal };
    const files = [...SPX, { dataset: "stocks", date: "2024-11-25" }] as const;
    expect(await waitForFiles(context, vendor.flatFiles, files, { ...UNTIL_1130, clock })).toEqual([]);
    // The look-alike publishes at 11:00.
    expect(clock.now()).toBe(TEN_MS + 60 * MINUTE_MS);
    expect(listings(vendor)).toBe(2 * 7);
    expect(progress.lines).toEqual([
      "info Waiting for the flat files of indices 2024-11-25, stocks 2024-11-25: looking every 600 s until 11:30 in New York",
    ]);
  });

  test("looks only for those that are still missing", async () => {
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    const context = { progress: collectedProgress(), signal: new AbortController().signal };
    const files = [...SPX, { dataset: "stocks", date: "2024-11-22" }] as const;
    expect(await waitForFiles(context, vendor.flatFiles, files, { ...UNTIL_1130, clock })).toEqual([]);
    expect(listings(vendor)).toBe(2 + 6);
  });

  test("goes on without them when the time is over, after a last look", async () => {
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    vendor.sandbox.hold("indices", "2024-11-25");
    const progress = collectedProgress();
    const context = { progress, signal: new AbortController().signal };
    const untilMs = TEN_MS + 25 * MINUTE_MS;
    const options = { untilMs, pollMs: 10 * MINUTE_MS, clock };
    expect(await waitForFiles(context, vendor.flatFiles, SPX, options)).toEqual([...SPX]);
    expect(clock.slept).toEqual([10 * MINUTE_MS, 10 * MINUTE_MS, 5 * MINUTE_MS]);
    expect(listings(vendor)).toBe(4);
    expect(progress.lines.at(-1)).toBe(
      "info It is past 10:25 in New York: going on without the flat files of indices 2024-11-25",
    );
  });

  test("looks once if the time is over already", async () => {
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    const progress = collectedProgress();
    const context = { progress, signal: new AbortController().signal };
    const options = { untilMs: TEN_MS, pollMs: 1000, clock };
    expect(await waitForFiles(context, vendor.flatFiles, SPX, options)).toEqual([...SPX]);
    expect([clock.slept, listings(vendor), progress.lines.length]).toEqual([[], 1, 1]);
  });

  test("is not ended by a look that fails, and says so once", async () => {
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    const fault = { kind: "answer", answer: FAULT_ANSWERS.html() } as const;
    vendor.sandbox.faults.add({ match: /list-type=2/, skip: 1, times: 3, fault });
    const progress = collectedProgress();
    const context = { progress, signal: new AbortController().signal };
    expect(await waitForFiles(context, vendor.flatFiles, SPX, { ...UNTIL_1130, clock })).toEqual([]);
    expect(progress.lines.map((line) => line.split(" ")[0])).toEqual(["info", "warn"]);
    expect(progress.lines[1]).toEndWith("Looking again until 11:30 in New York.");
  });

  test("says once that looks keep failing, however often each of them tries", async () => {
    const clock = jumpingClock(TEN_MS);
    const progress = collectedProgress();
    const onRetry = ({ operation }: { readonly operation: string }) => progress.info(`again: ${operation}`);
    await using vendor = await startVendor({
      sandbox: { nowMs: () => clock.now(), historyFrom: "2024-11-18" },
      transfer: { onRetry },
    });
    const fault = { kind: "answer", answer: FAULT_ANSWERS.internalError() } as const;
    vendor.sandbox.faults.add({ match: /list-type=2/, times: 12, fault });
    const context = { progress, signal: new AbortController().signal };
    expect(await waitForFiles(context, vendor.flatFiles, SPX, { ...UNTIL_1130, clock })).toEqual([]);
    // Three looks of four tries each fail; the look-alike publishes at the seventh.
    expect(listings(vendor)).toBe(3 * 4 + 4);
    expect(progress.lines.map((line) => line.split(" ")[0])).toEqual(["info", "warn"]);
  });

  test("takes a listing that is refused for one that is asked for too often", async () => {
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    const fault = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    vendor.sandbox.faults.add({ match: /list-type=2/, skip: 1, times: 9, fault });
    const progress = collectedProgress();
    const context = { progress, signal: new AbortController().signal };
    expect(await waitForFiles(context, vendor.flatFiles, SPX, { ...UNTIL_1130, clock })).toEqual([]);
    expect(progress.lines.slice(1)).toEqual([
      "warn list us_indices/minute_aggs_v1/2024/11/: the server refused it (403) although the plan includes it: too many requests in a short time (HTTP 403). Looking again until 11:30 in New York.",
    ]);
  });

  test("is ended by keys that are refused, and by the user at once", async () => {
    const stop = new AbortController();
    const clock = jumpingClock(TEN_MS, () => stop.abort(new Error("the user")));
    await using vendor = await vendorAt(clock);
    const context = { progress: collectedProgress(), signal: stop.signal };
    const waiting = waitForFiles(context, vendor.flatFiles, SPX, { ...UNTIL_1130, clock });
    expect(await waiting.catch((error: unknown) => error)).toEqual(new Error("the user"));

    const answer = s3Error(403, "SignatureDoesNotMatch", "The signature does not match.");
    vendor.sandbox.faults.add({ match: /list-type=2/, fault: { kind: "answer", answer } });
    const other = { ...context, signal: new AbortController().signal };
    const refused = waitForFiles(other, vendor.flatFiles, SPX, { ...UNTIL_1130, clock });
    expect((await rejectionOf(refused)).code).toBe("bad-credentials");
  });
});

describe("a run that waits", () => {
  const RANGE = { ...PLAINLY, selection: parseSymbols(["SPX"]), from: "2024-11-25", to: "2024-11-26" };

  test("plans for the moment when the waiting is over", async () => {
    using temp = tempCache();
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    const context = contextOf(temp, { nowMs: TEN_MS });
    const settings = {
      ...context.settings,
      s3: s3Settings(vendor.sandbox),
      rest: restSettings(vendor.sandbox),
    };
    const result = await hybrid({ ...context, settings }, { ...RANGE, wait: { ...UNTIL_1130, clock } });
    // An hour and a half of Tuesday's session was over at 11:00.
    expect(result).toMatchObject({ days: { flatfile: 1, api: 1, pending: 0 }, bars: { cached: 390 + 90 } });
  });

  test("takes a file that is still late as pending, which is no failure", async () => {
    using temp = tempCache();
    const clock = jumpingClock(TEN_MS);
    await using vendor = await vendorAt(clock);
    vendor.sandbox.hold("indices", "2024-11-25");
    const context = contextOf(temp, { nowMs: TEN_MS });
    const settings = { ...context.settings, s3: s3Settings(vendor.sandbox) };
    const result = await hybrid({ ...context, settings }, { ...RANGE, wait: { ...UNTIL_1130, clock } });
    expect(result).toMatchObject({ days: { flatfile: 0, pending: 2, failed: 0 }, failures: [] });
  });

  test("has nothing to wait for without S3, in days past, and of what is refused", async () => {
    using temp = tempCache();
    const clock = jumpingClock(TEN_MS);
    await using vendor = await startVendor({
      sandbox: { nowMs: () => clock.now(), historyFrom: "2024-11-18", planFrom: { indices: null } },
    });
    const progress = collectedProgress();
    const context = contextOf(temp, { nowMs: TEN_MS, progress });
    const rest = restSettings(vendor.sandbox);
    const wait = { ...UNTIL_1130, clock };
    const byApi = { ...context, settings: { ...context.settings, rest } };
    await hybrid(byApi, { ...RANGE, wait });
    expect(progress.lines).toContain("info Nothing to wait for: this run reads no flat files from S3.");

    const s3 = s3Settings(vendor.sandbox);
    const withFiles = { ...context, settings: { ...context.settings, s3, rest } };
    const none =
      "info Nothing to wait for: the last session's flat files are not among these days, or not in the plan.";
    progress.lines.length = 0;
    await hybrid(withFiles, { ...RANGE, from: "2024-11-21", to: "2024-11-22", wait });
    expect(progress.lines).toContain(none);
    // Now the refusal is known, though only of the files that were there to be asked for.
    progress.lines.length = 0;
    await hybrid(withFiles, { ...RANGE, from: "2024-11-21", to: "2024-11-22", wait });
    expect([progress.lines.includes(none), clock.slept]).toEqual([true, []]);
  }, 20_000);
});
