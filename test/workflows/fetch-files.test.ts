import { planByRule } from "./planning/plan-facts.ts";
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { flatFileVersions } from "../../src/cache/flat-files.ts";
import { problemsOf } from "../../src/cache/problems.ts";
import { silentProgress, type Progress } from "../../src/core/progress.ts";
import { parseSymbols } from "../../src/core/symbols.ts";
import { listMonth } from "../../src/massive/flat-files.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import { fetchFiles, type Fetched } from "../../src/workflows/fetch-files.ts";
import { fillFromFiles } from "../../src/workflows/fill-cache.ts";
import { localFilePath, localFiles } from "../../src/workflows/local-files.ts";
import type { AvailableFile } from "../../src/workflows/planning/facts.ts";
import { NOTHING_ASKED, survey } from "../../src/workflows/survey.ts";
import { FillTally, type FillResult } from "../../src/workflows/tally.ts";
import { rangesOf } from "../massive/download-support.ts";
import { FRIDAY, FRIDAY_KEY, MONDAY_MS, reasonOf, startVendor, type Vendor } from "../massive/support.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { rejectionOf } from "../support/thrown.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { collectedProgress, contextOf } from "./run-context.ts";

/** The published index files of the week before Monday, none of them here. */
async function publishedFiles({ flatFiles }: Vendor): Promise<AvailableFile[]> {
  return (await listMonth(flatFiles, "indices", "2024-11")).map((file) => ({ ...file, local: false }));
}

async function fetchAll(context: RunContext, vendor: Vendor, files: readonly AvailableFile[]) {
  const fetched: Fetched[] = [];
  for await (const one of fetchFiles(context, vendor.flatFiles, files)) fetched.push(one);
  return fetched;
}

/** Progress that counts what its tasks are told. */
function countedProgress() {
  const tasks: { label: string; total: number | undefined; resumed: number; advanced: number }[] = [];
  const task: Progress["task"] = ({ label, total }) => {
    const counts = { label, total, resumed: 0, advanced: 0 };
    tasks.push(counts);
    return {
      advance: (amount) => void (counts.advanced += amount),
      resume: (amount) => void (counts.resumed += amount),
      done() {},
      failed() {},
    };
  };
  return { progress: { ...silentProgress, task }, tasks };
}

function getsOf({ sandbox }: Vendor, key: string): number {
  return sandbox.requests.filter(({ method, path }) => method === "GET" && path.endsWith(key)).length;
}

describe("fetching files", () => {
  test("takes a 403 for a throttle, since the plan was found to have the file", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const files = await publishedFiles(vendor);
    const refusal = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    vendor.sandbox.faults.add({ match: /2024-11-21/, times: 99, fault: refusal });
    const fetched = await fetchAll(contextOf(temp, { nowMs: MONDAY_MS }), vendor, files);
    expect(fetched.map((one) => ("error" in one ? one : one.file.date))).toEqual([
      "2024-11-18",
      "2024-11-19",
      "2024-11-20",
      {
        dataset: "indices",
        date: "2024-11-21",
        step: "download",
        error: expect.stringContaining(
          "the server refused it (403) although the plan includes it: too many requests in a short time",
        ),
        hint: "Run the same command again in a few minutes.",
        help: "network",
        settings: false,
        denied: false,
      },
      "2024-11-22",
    ]);
    expect(problemsOf(temp.cache, "indices", "2024-11-18", "2024-11-25")).toMatchObject([
      { date: "2024-11-21", ticker: "", state: "failed", step: "download" },
    ]);
  });

  test("yields them in the order given, whichever is here first", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const files = await publishedFiles(vendor);
    vendor.sandbox.faults.add({ match: /2024-11-18/, fault: { kind: "slow", bytesPerSecond: 40_000 } });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const [first, ...later] = files.map(({ date }) => localFilePath(temp.dataDir, "indices", date));
    const fetched: string[] = [];
    for await (const one of fetchFiles(context, vendor.flatFiles, files)) {
      // While the first one dawdled, the others came, and waited for it.
      if (fetched.length === 0) expect(later.filter((path) => !existsSync(path))).toEqual([]);
      fetched.push("error" in one ? one.error : localFilePath(temp.dataDir, "indices", one.file.date));
    }
    expect(fetched).toEqual([first ?? "", ...later]);
  });

  test("begins them in order, and no more ahead of a consumer who takes his time than the window has", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({
      sandbox: { historyFrom: "2024-11-01" },
      transfer: { connections: 1 },
    });
    const files = await publishedFiles(vendor);
    expect(files).toHaveLength(16);
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const fetching = fetchFiles(context, vendor.flatFiles, files);
    await fetching.next();
    const begun = 1 + 8;
    const here = async () => [...(await localFiles(temp.dataDir, "indices")).keys()];
    while ((await here()).length < begun) await Bun.sleep(1);
    const asked = vendor.sandbox.requests.flatMap(
      ({ path }) => /[\d-]{10}(?=\.csv\.gz$)/.exec(path)?.[0] ?? [],
    );
    expect([...new Set(asked)]).toEqual(files.slice(0, begun).map(({ date }) => date));
    await fetching.return(undefined);
  });

  test("passes on and remembers the version that came, if the vendor replaced the one that was listed", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const [listed] = (await publishedFiles(vendor)).slice(-1);
    vendor.sandbox.republish("indices", FRIDAY);
    const [published] = (await publishedFiles(vendor)).slice(-1);
    const fetched = await fetchAll(contextOf(temp, { nowMs: MONDAY_MS }), vendor, listed ? [listed] : []);
    expect(published?.etag).not.toBe(listed?.etag ?? "");
    expect(fetched).toMatchObject([{ file: { ...published, local: true } }]);
    const versions = flatFileVersions(temp.cache, "indices", FRIDAY, FRIDAY);
    expect(versions.map(({ etag, downloadedAtMs }) => [etag, downloadedAtMs])).toEqual([
      [published?.etag ?? "", MONDAY_MS],
    ]);
  });

  test("counts what an earlier run fetched of a file as done, and fetches the rest alone", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ transfer: { connections: 1, ...rangesOf(1000) } });
    const file = { ...(await vendor.friday()), local: false };
    vendor.sandbox.faults.add({ match: /2024-11-22/, skip: 3, fault: { kind: "stall" } });
    const stop = new AbortController();
    const stopped = fetchAll(contextOf(temp, { nowMs: MONDAY_MS, signal: stop.signal }), vendor, [file]);
    while (vendor.sandbox.requests.length < 4) await Bun.sleep(1);
    stop.abort();
    await reasonOf(stopped);

    const { progress, tasks } = countedProgress();
    const fetched = await fetchAll(contextOf(temp, { nowMs: MONDAY_MS, progress }), vendor, [file]);
    const advanced = file.sizeBytes - 3000;
    expect(fetched).toEqual([{ file: { ...file, local: true }, bytes: advanced, reused: false }]);
    const counts = { total: file.sizeBytes, resumed: 3000, advanced };
    expect(tasks).toEqual([
      { label: "download", ...counts },
      { label: `download indices ${FRIDAY}`, ...counts },
    ]);
  });

  test("ends the downloads under way after an error that ends the run", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const files = await publishedFiles(vendor);
    const refusal = s3Error(403, "InvalidAccessKeyId", "The access key does not exist.");
    vendor.sandbox.faults.add({ match: /2024-11-19/, fault: { kind: "stall", afterBytes: 10 } });
    vendor.sandbox.faults.add({ match: /2024-11-20/, fault: { kind: "stall" } });
    vendor.sandbox.faults.add({ match: /2024-11-18/, fault: { kind: "answer", answer: refusal } });
    const startedMs = performance.now();
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const error = await rejectionOf(fetchAll(context, vendor, files));
    expect([error.kind, error.code]).toEqual(["settings", "bad-credentials"]);
    expect(performance.now() - startedMs).toBeLessThan(4000);
    expect(problemsOf(temp.cache, "indices", "2024-11-18", "2024-11-25")).toEqual([]);
    for (const date of ["2024-11-19", "2024-11-20"])
      expect(existsSync(localFilePath(temp.dataDir, "indices", date))).toBe(false);
  });
});

async function spxBars({ cache }: TempCache) {
  return heldOf(cache, await keyOf(cache, "I:SPX", FRIDAY)).bars;
}

describe("a file that is damaged", () => {
  const RANGE = { selection: parseSymbols(["SPX"]), from: FRIDAY, to: FRIDAY };

  /** Brings and reads Friday's file, as a run does. */
  async function fill(context: RunContext, vendor: Vendor): Promise<FillResult> {
    const { flatFiles } = vendor;
    const plan = planByRule(
      await survey(context, { ...NOTHING_ASKED, ...RANGE, flatFiles, useFiles: true, api: false }),
    );
    const tally = new FillTally(plan);
    await fillFromFiles(context, flatFiles, plan, tally);
    return tally.result();
  }

  test("here since an earlier run is fetched once more by itself", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    await fetchAll(context, vendor, [{ ...(await vendor.friday()), local: false }]);
    const path = localFilePath(temp.dataDir, "indices", FRIDAY);
    const good = readFileSync(path);
    // Of the same size as before: nothing but reading it can tell.
    writeFileSync(
      path,
      good.map((byte, index) => (index > 100 && index < 120 ? byte ^ 0xff : byte)),
    );
    vendor.sandbox.clearRequests();

    const progress = collectedProgress();
    const result = await fill({ ...context, progress }, vendor);
    expect(result).toMatchObject({
      days: { flatfile: 1, failed: 0 },
      files: { downloaded: 1, reused: 1, bytes: good.length },
      failures: [],
    });
    expect(progress.lines).toContain(`warn ${path} is damaged: fetching it again`);
    expect(await spxBars(temp)).toEqual(vendor.sandbox.truth("indices", "I:SPX", FRIDAY));
    expect(readFileSync(path).equals(good)).toBe(true);
    expect(getsOf(vendor, FRIDAY_KEY)).toBe(1);
    expect(problemsOf(temp.cache, "indices", FRIDAY, FRIDAY)).toEqual([]);
  });

  test("at the vendor is not fetched twice, and a failure of its day", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.damage("indices", FRIDAY, { gzip: "flipped" });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const first = await fill(context, vendor);
    expect(first.failures.map(({ date, step, settings }) => [date, step, settings])).toEqual([
      [FRIDAY, "parse", false],
    ]);
    expect(getsOf(vendor, FRIDAY_KEY)).toBe(1);
    expect(await spxBars(temp)).toEqual([]);

    // The next run finds it here, fetches it once more, and it is as bad as before.
    const second = await fill(context, vendor);
    expect(second.failures).toEqual(first.failures);
    expect(getsOf(vendor, FRIDAY_KEY)).toBe(2);
  });

  test("here and refused by the vendor is a failure of its day, once", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    await fetchAll(context, vendor, [{ ...(await vendor.friday()), local: false }]);
    const path = localFilePath(temp.dataDir, "indices", FRIDAY);
    writeFileSync(path, readFileSync(path).fill(0xff, 100, 120));
    const refusal = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    vendor.sandbox.faults.add({ match: /2024-11-22/, times: 99, fault: refusal });
    const { days, failures } = await fill(context, vendor);
    expect(days.failed).toBe(1);
    expect(failures.map(({ date, step }) => [date, step])).toEqual([[FRIDAY, "parse"]]);
  });
});

test("a survey knows the days of which every ticker was read, in this version and in any", async () => {
  using temp = tempCache();
  await using vendor = await startVendor();
  const context = contextOf(temp, { nowMs: MONDAY_MS });
  const selection = { symbols: [], wholeDatasets: ["indices"] as const };
  const scope = { selection, from: FRIDAY, to: FRIDAY, useFiles: true, api: false };
  const before = await survey(context, { ...NOTHING_ASKED, ...scope, flatFiles: vendor.flatFiles });
  const etag = before.files.get("indices")?.get(FRIDAY)?.etag ?? "";
  expect([before.today, before.allTickersRead("indices", FRIDAY, etag)]).toEqual(["2024-11-25", false]);
  const plan = planByRule(before);
  await fillFromFiles(context, vendor.flatFiles, plan, new FillTally(plan));

  const after = await survey(context, { ...NOTHING_ASKED, ...scope, flatFiles: null });
  const read = (date: string, version: string | null) => after.allTickersRead("indices", date, version);
  expect([read(FRIDAY, etag), read(FRIDAY, "another"), read(FRIDAY, null)]).toEqual([true, false, true]);
  expect(read("2024-11-21", null)).toBe(false);
  expect(after.allTickersRead("stocks", FRIDAY, null)).toBe(false);
});
