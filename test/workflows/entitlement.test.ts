import { describe, expect, test } from "bun:test";
import {
  EVERY_DAY,
  knownEntitlements,
  rememberEntitlement,
  type Entitlement,
} from "../../src/cache/entitlements.ts";
import type { Dataset } from "../../src/core/datasets.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { listMonth } from "../../src/massive/flat-files.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import { probeEntitlements, recallRefusals } from "../../src/workflows/entitlement.ts";
import type { AvailableFile, Refusal } from "../../src/workflows/planning/facts.ts";
import { MONDAY_MS, startVendor, type Vendor } from "../massive/support.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { rejectionOf } from "../support/thrown.ts";
import { contextOf } from "./run-context.ts";

const DAY_MS = 86_400_000;

const EDGE: Entitlement = {
  source: "flatfile",
  dataset: "indices",
  ticker: "",
  refusedTo: "2024-11-19",
  allowedFrom: "2024-11-20",
  sentence: "forbidden",
  seenAtMs: MONDAY_MS,
};

const REFUSAL = { to: "2024-11-19", sentence: "forbidden", seenAtMs: MONDAY_MS };

type Recalled = Awaited<ReturnType<typeof recalled>>;

/** What is recalled of `known`, and of SPX. */
async function recalled(known: readonly Entitlement[], nowMs = MONDAY_MS, recheck = false) {
  using temp = tempCache();
  for (const one of known) await rememberEntitlement(temp.cache, one);
  const { files, api } = recallRefusals(temp.cache, nowMs, { recheck });
  return { files: [...files], spx: api(trackedSymbol("indices", "I:SPX")) };
}

describe("what is remembered", () => {
  test("of the flat files is their last refused date, for each dataset that has one", async () => {
    const allowed = { ...EDGE, dataset: "stocks", refusedTo: null, sentence: null } as const;
    expect(await recalled([EDGE, allowed])).toEqual({ files: [["indices", REFUSAL]], spx: null });
  });

  test("of a ticker at the API comes before what is known of its dataset, and is about no other", async () => {
    const all: Entitlement = { ...EDGE, source: "api" };
    const spx: Entitlement = { ...all, ticker: "I:SPX", refusedTo: EVERY_DAY, allowedFrom: null };
    expect(await recalled([all])).toEqual({ files: [], spx: REFUSAL });
    expect(await recalled([all, spx])).toEqual({ files: [], spx: { ...REFUSAL, to: EVERY_DAY } });
    expect(await recalled([all, { ...spx, refusedTo: null, sentence: null }])).toEqual({
      files: [],
      spx: null,
    });
    expect(
      await recalled([
        { ...spx, ticker: "I:NDX" },
        { ...all, dataset: "stocks" },
      ]),
    ).toEqual({
      files: [],
      spx: null,
    });
  });

  test("is believed for a week, in either direction of time, unless it is to be checked again", async () => {
    const known = [EDGE, { ...EDGE, source: "api" } as const];
    const believed: Recalled = { files: [["indices", REFUSAL]], spx: REFUSAL };
    const nothing: Recalled = { files: [], spx: null };
    for (const [ms, expected] of [
      [7 * DAY_MS - 1, believed],
      [7 * DAY_MS, nothing],
      [-7 * DAY_MS + 1, believed],
      [-7 * DAY_MS, nothing],
    ] as const)
      expect(await recalled(known, MONDAY_MS + ms)).toEqual(expected);
    expect(await recalled(known, MONDAY_MS, true)).toEqual(nothing);
  });
});

/** The published index files, from Monday the 18th to Friday the 22nd, that begin on `from` or later. */
async function published({ flatFiles, sandbox }: Vendor, from = "2024-11-18"): Promise<AvailableFile[]> {
  const listed = await listMonth(flatFiles, "indices", "2024-11");
  sandbox.clearRequests();
  return listed.filter(({ date }) => date >= from).map((file) => ({ ...file, local: false }));
}

/** Probes and returns the refusals, what is remembered then, and the questions as `18 403`. */
async function probed(temp: TempCache, vendor: Vendor, files: readonly AvailableFile[], nowMs = MONDAY_MS) {
  vendor.sandbox.clearRequests();
  const refusals = await probeEntitlements(contextOf(temp, { nowMs }), vendor.flatFiles, files);
  return {
    refusals: [...refusals],
    known: knownEntitlements(temp.cache),
    asked: vendor.sandbox.requests.map(({ path, status }) => `${path.slice(-9, -7)} ${status}`),
  };
}

function throttle(
  vendor: Vendor,
  { skip = 0, times = 1 }: { readonly skip?: number; readonly times?: number },
) {
  const answer = FAULT_ANSWERS.throttle403();
  vendor.sandbox.faults.add({ match: /minute_aggs/, skip, times, fault: { kind: "answer", answer } });
}

const REFUSED: { readonly refusals: [Dataset, Refusal][]; readonly known: Entitlement[] } = {
  refusals: [["indices", REFUSAL]],
  known: [EDGE],
};

describe("finding out what the plan includes", () => {
  test("costs one question and no word in the cache if it is everything", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    expect(await probed(temp, vendor, await published(vendor))).toEqual({
      refusals: [],
      known: [],
      asked: ["18 206"],
    });
    expect(await probed(temp, vendor, [])).toEqual({ refusals: [], known: [], asked: [] });
  });

  test("remembers the edge, which alone was asked again before it was believed", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    expect(await probed(temp, vendor, await published(vendor))).toEqual({
      ...REFUSED,
      asked: ["18 403", "22 206", "20 206", "19 403", "19 403", "19 403", "19 403"],
    });
    // The policy of these tests tries three times in all, and waits in between.
    expect(vendor.clock.sleeps).toHaveLength(2);
  });

  test("remembers that nothing was allowed, up to the newest file asked about", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: null } } });
    expect(await probed(temp, vendor, await published(vendor))).toEqual({
      refusals: [["indices", { ...REFUSAL, to: "2024-11-22" }]],
      known: [{ ...EDGE, refusedTo: "2024-11-22", allowedFrom: null }],
      asked: ["18 403", "22 403", "22 403", "22 403", "22 403"],
    });
  });

  test("takes one question a day where the days before were refused too, and all of them", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: null } } });
    const never = { ...EDGE, allowedFrom: null };
    await rememberEntitlement(temp.cache, never);
    const outcome = await probed(temp, vendor, await published(vendor, "2024-11-22"));
    expect(outcome).toEqual({
      refusals: [["indices", { ...REFUSAL, to: "2024-11-22" }]],
      known: [{ ...never, refusedTo: "2024-11-22" }],
      asked: ["22 403"],
    });
  });

  test.each([
    ["long before", { ...EDGE, refusedTo: "2024-10-31", allowedFrom: null }],
    ["before a day that was allowed", EDGE],
  ])("doubts a refusal if what was refused lay %s", async (_, before) => {
    using temp = tempCache();
    await using vendor = await startVendor();
    await rememberEntitlement(temp.cache, before);
    const files = await published(vendor, "2024-11-22");
    throttle(vendor, { times: 1 });
    const { refusals, known } = await probed(temp, vendor, files);
    expect([refusals, known]).toEqual([[], [before]]);
  });

  test("does not depend on the order of the files", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    const { refusals, known } = await probed(temp, vendor, (await published(vendor)).toReversed());
    expect({ refusals, known }).toEqual(REFUSED);
  });

  test("goes dataset by dataset", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    const stocks = (await listMonth(vendor.flatFiles, "stocks", "2024-11")).map((file) => ({
      ...file,
      local: false,
    }));
    const { refusals, known } = await probed(temp, vendor, [...(await published(vendor)), ...stocks]);
    expect({ refusals, known }).toEqual(REFUSED);
  });

  test("takes a file that cannot be probed for a reason of its own as one of the plan", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    for (const [status, code] of [
      [404, "NoSuchKey"],
      [416, "InvalidRange"],
    ] as const) {
      const answer = s3Error(status, code, "The object cannot be read.");
      vendor.sandbox.faults.add({ match: /2024-11-18/, fault: { kind: "answer", answer } });
      const { refusals, known } = await probed(temp, vendor, await published(vendor));
      expect({ refusals, known }).toEqual({ refusals: [], known: [] });
    }
  });

  test("passes on wrong keys, and remembers nothing then", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    const answer = s3Error(403, "SignatureDoesNotMatch", "The signature does not match.");
    vendor.sandbox.faults.add({ match: /2024-11-20/, fault: { kind: "answer", answer } });
    const error = await rejectionOf(probed(temp, vendor, await published(vendor)));
    expect([error.code, knownEntitlements(temp.cache)]).toEqual(["bad-credentials", []]);
  });
});

describe("a throttle while the plan is probed", () => {
  test.each([
    ["at the first question", { skip: 0 }, ["18 403", "22 206", "20 206", "19 206", "18 206"]],
    ["at the first two", { times: 2 }, ["18 403", "22 403", "22 206", "18 206"]],
    ["at the first and its repetition", { times: 3 }, ["18 403", "22 403", "22 403", "22 206", "18 206"]],
  ])("%s does not look like the edge of a plan that includes everything", async (_, strikes, asked) => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const files = await published(vendor);
    throttle(vendor, strikes);
    expect(await probed(temp, vendor, files)).toEqual({ refusals: [], known: [], asked });
  });

  test.each([0, 1, 2, 3, 4, 5, 6])("at question %i does not move the edge", async (skip) => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    const files = await published(vendor);
    throttle(vendor, { skip });
    const { refusals, known, asked } = await probed(temp, vendor, files);
    expect({ refusals, known }).toEqual(REFUSED);
    // Two searches at most, and each refusal of the careful one three times.
    expect(asked.length).toBeLessThanOrEqual(12);
  });
});

describe("a plan that has changed", () => {
  test("for the better is forgotten as a refusal: of earlier days nothing is known", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    await rememberEntitlement(temp.cache, { ...EDGE, seenAtMs: MONDAY_MS - 8 * DAY_MS });
    const allowed = { ...EDGE, refusedTo: null, allowedFrom: "2024-11-18", sentence: null };
    expect(await probed(temp, vendor, await published(vendor))).toEqual({
      refusals: [],
      known: [allowed],
      asked: ["18 206"],
    });
  });

  test("says nothing of days that were not asked about: what is known of them stays as it was", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    await rememberEntitlement(temp.cache, EDGE);
    const later = MONDAY_MS + DAY_MS;
    expect(await probed(temp, vendor, await published(vendor, "2024-11-20"), later)).toEqual({
      refusals: [],
      known: [EDGE],
      asked: ["20 206"],
    });
  });

  test("for the worse is remembered in place of what was allowed", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const files = await published(vendor);
    await rememberEntitlement(temp.cache, {
      ...EDGE,
      refusedTo: null,
      allowedFrom: "2024-11-18",
      sentence: null,
    });
    vendor.sandbox.changePlan({ planFrom: { indices: null } });
    const { refusals, known } = await probed(temp, vendor, files);
    expect(refusals).toEqual([["indices", { ...REFUSAL, to: "2024-11-22" }]]);
    expect(known).toEqual([{ ...EDGE, refusedTo: "2024-11-22", allowedFrom: null }]);
  });

  test("by a day, as a rolling window does, moves the edge by a day", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-21" } } });
    await rememberEntitlement(temp.cache, EDGE);
    const later = MONDAY_MS + DAY_MS;
    expect(await probed(temp, vendor, await published(vendor, "2024-11-20"), later)).toEqual({
      refusals: [["indices", { to: "2024-11-20", sentence: "forbidden", seenAtMs: later }]],
      known: [{ ...EDGE, refusedTo: "2024-11-20", allowedFrom: "2024-11-21", seenAtMs: later }],
      asked: ["20 403", "22 206", "21 206", "20 403", "20 403", "20 403"],
    });
  });
});
