import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { flatFileVersions } from "../../src/cache/flat-files.ts";
import { dateOfEpochDay } from "../../src/core/dates.ts";
import { parseSymbols } from "../../src/core/symbols.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { downloadFiles } from "../../src/workflows/download.ts";
import { hybrid, type HybridResult } from "../../src/workflows/hybrid.ts";
import { localFilePath, localFiles } from "../../src/workflows/local-files.ts";
import { MONDAY_MS, s3Settings, startVendor, type Vendor } from "../massive/support.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { contextOf, PLAINLY } from "./run-context.ts";

const DATES = ["2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"];
const RANGE = { ...PLAINLY, from: "2024-11-18", to: "2024-11-22" };

function contextFor(temp: TempCache, vendor: Vendor): RunContext {
  const context = contextOf(temp, { nowMs: MONDAY_MS });
  return { ...context, settings: { ...context.settings, s3: s3Settings(vendor.sandbox) } };
}

function run(context: RunContext, keepFiles: boolean, symbol = "SPX"): Promise<HybridResult> {
  return hybrid(context, { selection: parseSymbols([symbol]), ...RANGE, keepFiles });
}

async function here({ dataDir }: TempCache): Promise<string[]> {
  return [...(await localFiles(dataDir, "indices")).keys()];
}

/** The days whose file the cache takes to be in the data directory. */
function recorded({ cache }: TempCache): string[] {
  return flatFileVersions(cache, "indices", RANGE.from, RANGE.to)
    .filter(({ downloadedAtMs }) => downloadedAtMs !== null)
    .map(({ epochDay }) => dateOfEpochDay(epochDay));
}

/** Days of which a file was asked for, the questions about the plan (of one byte) left out. */
function fetchedDays({ sandbox }: Vendor): string[] {
  const files = sandbox.requests.filter(({ path, range }) => path.endsWith(".gz") && range !== "bytes=0-0");
  return [...new Set(files.map(({ path }) => path.slice(-"2024-11-22.csv.gz".length, -".csv.gz".length)))];
}

describe("without keeping files", () => {
  test("each is gone once it is read, and no later run fetches it again", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = contextFor(temp, vendor);
    const first = await run(context, false);
    expect(first.days).toMatchObject({ flatfile: 5, failed: 0 });
    expect(first.files.downloaded).toBe(5);
    expect([await here(temp), recorded(temp)]).toEqual([[], []]);
    vendor.sandbox.clearRequests();
    for (const keepFiles of [false, true])
      expect((await run(context, keepFiles)).days).toMatchObject({ flatfile: 0, skipped: 5 });
    expect(fetchedDays(vendor)).toEqual([]);
  });

  test("one that failed to be read stays, and is tried again", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.damage("indices", "2024-11-20", { gzip: "flipped" });
    const context = contextFor(temp, vendor);
    expect((await run(context, false)).days).toMatchObject({ flatfile: 4, failed: 1 });
    expect([await here(temp), recorded(temp)]).toEqual([["2024-11-20"], ["2024-11-20"]]);
    vendor.sandbox.republish("indices", "2024-11-20");
    vendor.sandbox.clearRequests();
    expect((await run(context, false)).days).toMatchObject({ flatfile: 1, failed: 0 });
    // It lay there before this run.
    expect([await here(temp), fetchedDays(vendor)]).toEqual([["2024-11-20"], ["2024-11-20"]]);
  });

  test("one that an earlier run kept when it was read stays, though this run reads it too", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = contextFor(temp, vendor);
    await run(context, true);
    expect((await run(context, false, "NDX")).files).toEqual({ downloaded: 0, reused: 5, bytes: 0 });
    expect([await here(temp), recorded(temp)]).toEqual([DATES, DATES]);
  });

  test("one that `download` brought for keeps stays, though this run is the first to read it", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = contextFor(temp, vendor);
    await downloadFiles(context, {
      datasets: ["indices"],
      ...RANGE,
      overwrite: false,
      recheckEntitlements: false,
    });
    expect(await here(temp)).toEqual(DATES);
    expect((await run(context, false)).files).toEqual({ downloaded: 0, reused: 5, bytes: 0 });
    expect([await here(temp), recorded(temp)]).toEqual([DATES, DATES]);
  });

  test("one that somebody put there himself stays", async () => {
    using temp = tempCache();
    using other = tempCache();
    await using vendor = await startVendor();
    await downloadFiles(contextFor(other, vendor), {
      datasets: ["indices"],
      ...RANGE,
      overwrite: false,
      recheckEntitlements: false,
    });
    const path = localFilePath(temp.dataDir, "indices", "2024-11-21");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, readFileSync(localFilePath(other.dataDir, "indices", "2024-11-21")));
    expect((await run(contextFor(temp, vendor), false)).files).toMatchObject({ downloaded: 4, reused: 1 });
    expect(existsSync(path)).toBe(true);
    expect(await here(temp)).toEqual(["2024-11-21"]);
  });
});

test("files that are kept stay, and the cache knows of them", async () => {
  using temp = tempCache();
  await using vendor = await startVendor();
  await run(contextFor(temp, vendor), true);
  expect([await here(temp), recorded(temp)]).toEqual([DATES, DATES]);
});
