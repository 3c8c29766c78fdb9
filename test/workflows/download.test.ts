import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { knownEntitlements } from "../../src/cache/entitlements.ts";
import { problemsOf } from "../../src/cache/problems.ts";
import { downloadFiles, planDownload } from "../../src/workflows/download.ts";
import { FRIDAY, MONDAY_MS, s3Settings, startVendor, type Vendor } from "../massive/support.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";

// A refusal is believed only after some seconds.
setDefaultTimeout(30_000);

const EDGE = "2024-11-21";
const WEEK = {
  datasets: ["indices"],
  from: "2024-11-18",
  to: FRIDAY,
  overwrite: false,
  recheckEntitlements: false,
  limits: {},
} as const;

function contextFor(temp: TempCache, { sandbox }: Vendor, nowMs = MONDAY_MS) {
  const context = contextOf(temp, { nowMs });
  return { ...context, settings: { ...context.settings, s3: s3Settings(sandbox) } };
}

/** The dates of the files that were asked for since the last look, each once. */
function datesAsked({ sandbox }: Vendor): string[] {
  const dates = sandbox.requests.flatMap(({ path }) => /([\d-]{10})\.csv\.gz/.exec(path)?.[1] ?? []);
  sandbox.clearRequests();
  return [...new Set(dates)].toSorted();
}

describe("a download beyond the plan", () => {
  test("brings what the plan includes, and remembers what it does not until it is checked again", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: EDGE } } });
    const context = contextFor(temp, vendor);
    const refusals = [{ dataset: "indices", refusedTo: "2024-11-20", sentence: "forbidden" }] as const;

    const first = await downloadFiles(context, WEEK);
    expect(first).toMatchObject({ files: { downloaded: 2 }, days: { denied: 3, failed: 0 }, refusals });
    expect(knownEntitlements(temp.cache)).toMatchObject([{ refusedTo: "2024-11-20", allowedFrom: EDGE }]);
    expect(
      problemsOf(temp.cache, "indices", WEEK.from, WEEK.to).map(({ date, state, error }) => [
        date,
        state,
        error,
      ]),
    ).toEqual(
      ["2024-11-18", "2024-11-19", "2024-11-20"].map((date) => [
        date,
        "denied",
        "your subscription does not include this day; the vendor says: forbidden",
      ]),
    );
    datesAsked(vendor);

    const second = await downloadFiles(context, WEEK);
    expect(second).toMatchObject({ files: { downloaded: 0, reused: 2 }, days: { denied: 3 }, refusals });
    expect(datesAsked(vendor)).toEqual([]);
    expect(await planDownload(context, WEEK)).toMatchObject({ files: { length: 2 }, denied: { length: 3 } });
    expect(datesAsked(vendor)).toEqual([]);

    vendor.sandbox.changePlan({ planFrom: { indices: "2024-11-19" } });
    const recheckEntitlements = true;
    const third = await downloadFiles(context, { ...WEEK, from: "2024-11-19", recheckEntitlements });
    expect(third).toMatchObject({ files: { downloaded: 2, reused: 2 }, days: { denied: 0 }, refusals: [] });
    expect(knownEntitlements(temp.cache)).toMatchObject([{ refusedTo: null, allowedFrom: "2024-11-19" }]);
  });

  test("tries again after a week what it was refused", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: null } } });
    expect(await downloadFiles(contextFor(temp, vendor), WEEK)).toMatchObject({ days: { denied: 5 } });
    vendor.sandbox.changePlan({ planFrom: { indices: WEEK.from } });
    const later = (days: number) => contextFor(temp, vendor, MONDAY_MS + days * 86_400_000);
    expect(await downloadFiles(later(6), WEEK)).toMatchObject({ days: { denied: 5 } });
    expect(await downloadFiles(later(7), WEEK)).toMatchObject({
      files: { downloaded: 5 },
      days: { denied: 0 },
    });
  });
});
