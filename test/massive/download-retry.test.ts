import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/massive/clock.ts";
import { download, resumableBytes } from "../../src/massive/download.ts";
import type { Retry } from "../../src/massive/retry.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { textAnswer } from "../../src/sandbox/http/answer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { wordsOf } from "../support/thrown.ts";
import {
  downloadFriday,
  failedDownload,
  GET_FRIDAY,
  ONE_RANGE,
  rangesOf,
  sum,
  wholeDownload,
} from "./download-support.ts";
import { FRIDAY_KEY, reasonOf, startVendor } from "./support.ts";

describe("a download over a bad connection", () => {
  test.each(["reset", "short"] as const)(
    "goes on from the bytes that it has after a connection ended early (%s)",
    async (kind) => {
      await using vendor = await startVendor({ transfer: ONE_RANGE });
      const friday = await vendor.friday();
      vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 2, fault: { kind, afterBytes: 3000 } });
      const { result, reported } = await downloadFriday(vendor, friday);
      expect(result).toEqual(wholeDownload(friday));
      expect(sum(reported)).toBe(friday.sizeBytes);
      const starts = vendor.sandbox.requests.map(({ range }) => Number(/=(\d+)-/.exec(range ?? "")?.[1]));
      expect(starts.length).toBe(3);
      // A reset may take back bytes that were under way; what arrived is never asked for again.
      expect(starts[0]).toBe(0);
      expect(starts[2]).toBeGreaterThanOrEqual(starts[1] ?? 0);
      if (kind === "short") expect(starts).toEqual([0, 3000, 6000]);
    },
  );

  test("goes on after an answer that ended in good order, but short of what it announced", async () => {
    await using vendor = await startVendor({ transfer: ONE_RANGE });
    const friday = await vendor.friday();
    const range = { "content-range": `bytes 0-${friday.sizeBytes - 1}/${friday.sizeBytes}` };
    const answer = textAnswer(206, "application/gzip", "", { etag: `"${friday.etag}"`, ...range });
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "answer", answer } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect([vendor.sandbox.requests.length, vendor.clock.sleeps.length]).toEqual([2, 1]);
  });

  test("cuts off a connection that went silent, and goes on", async () => {
    await using vendor = await startVendor({ transfer: { ...ONE_RANGE, idleTimeoutMs: 100 } });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "stall", afterBytes: 3000 } });
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "stall" } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result).toEqual(wholeDownload(friday));
    expect(vendor.sandbox.requests.map(({ range }) => range?.split("-")[0])).toEqual([
      "bytes=0",
      "bytes=3000",
      "bytes=3000",
    ]);
  });

  test("a slow connection is not a silent one", async () => {
    await using vendor = await startVendor({ transfer: { ...ONE_RANGE, idleTimeoutMs: 600 } });
    const friday = await vendor.friday();
    const bytesPerSecond = friday.sizeBytes * 1.25;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "slow", bytesPerSecond } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect(vendor.sandbox.requests.length).toBe(1);
  });

  test("a connection that trickles is a silent one", async () => {
    await using vendor = await startVendor({ transfer: { ...ONE_RANGE, idleTimeoutMs: 300 } });
    const friday = await vendor.friday();
    const bytesPerSecond = friday.sizeBytes / 60;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "slow", bytesPerSecond } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect(vendor.sandbox.requests.length).toBe(2);
  });

  test("a page among right answers is asked for again", async () => {
    await using vendor = await startVendor({ transfer: { ...rangesOf(4000), connections: 1 } });
    const friday = await vendor.friday();
    const page = { kind: "answer", answer: FAULT_ANSWERS.html(200) } as const;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, skip: 1, times: 2, fault: page });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect(vendor.clock.sleeps.length).toBe(2);
  });

  test("gives up after some failures in a row, and leaves nothing", async () => {
    await using vendor = await startVendor({ transfer: ONE_RANGE });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 1000, fault: { kind: "reset" } });
    const { error, left } = await failedDownload(vendor, friday);
    expect(wordsOf(error)).toEqual({
      kind: "source",
      operation: `download ${FRIDAY_KEY}`,
      reason: "the S3 server keeps failing (ECONNRESET)",
      nextStep: "Run again later: what is finished is kept.",
    });
    expect(vendor.sandbox.requests.length).toBe(4);
    expect(left).toEqual([]);
  });

  test("failures count anew once a try brought something worth it", async () => {
    await using vendor = await startVendor({
      sandbox: { tickers: {} },
      transfer: { ...ONE_RANGE, retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 } },
    });
    const friday = await vendor.friday();
    const enough = 66_000;
    expect(friday.sizeBytes).toBeLessThan(2 * enough);
    expect(friday.sizeBytes).toBeGreaterThan(enough);
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "reset" } });
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "short", afterBytes: enough } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect(vendor.sandbox.requests.length).toBe(3);
  });

  test("a refusal in the middle of a file is a throttle", async () => {
    await using vendor = await startVendor({ transfer: { ...rangesOf(4000), connections: 1 } });
    const friday = await vendor.friday();
    const throttle = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, skip: 1, times: 2, fault: throttle });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect(vendor.clock.sleeps.length).toBe(2);
  });

  test("says before each wait what it waits for", async () => {
    const retries: Retry[] = [];
    const onRetry = (retry: Retry) => retries.push(retry);
    await using vendor = await startVendor({ transfer: { ...ONE_RANGE, onRetry } });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 2, fault: { kind: "reset" } });
    await downloadFriday(vendor, friday);
    const reason = "the S3 server keeps failing (ECONNRESET)";
    expect(retries).toEqual([
      { operation: `download ${FRIDAY_KEY}`, reason, failures: 1 },
      { operation: `download ${FRIDAY_KEY}`, reason, failures: 2 },
    ]);
    expect(vendor.clock.sleeps.length).toBe(2);
  });

  test("ends at once when it is aborted while it waits, and keeps what it has", async () => {
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const hour = { attempts: 2, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
    await using vendor = await startVendor({
      transfer: {
        ...ONE_RANGE,
        clock: systemClock,
        retry: hour,
        onRetry: () => setImmediate(() => controller.abort(reason)),
      },
    });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "short", afterBytes: 3000 } });
    using dir = tempDir();
    const path = join(dir.path, "day");
    const options = { signal: controller.signal };
    expect(await reasonOf(download(vendor.flatFiles, friday, path, options))).toBe(reason);
    expect(await resumableBytes(friday, path)).toBe(3000);
  });
});
