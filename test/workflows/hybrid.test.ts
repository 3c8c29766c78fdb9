import { describe, expect, test } from "bun:test";
import { parseSymbols } from "../../src/core/symbols.ts";
import { hybrid } from "../../src/workflows/hybrid.ts";
import { MONDAY_MS, restSettings, s3Settings, startVendor, type Vendor } from "../massive/support.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { rejectionOf } from "../support/thrown.ts";
import { collectedProgress, contentOf, contextOf } from "./run-context.ts";

const DAY = { from: "2024-11-22", to: "2024-11-22" };

/** How a run goes unless somebody says more. */
const PLAINLY = { keepFiles: true, limits: {}, sync: { retryTimeoutMs: 0 } };

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
