import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { systemClock } from "../../src/massive/clock.ts";
import { download } from "../../src/massive/download.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import {
  downloadFriday,
  failedDownload,
  GET_FRIDAY,
  ONE_RANGE,
  rangesOf,
  sum,
  wholeDownload,
} from "./download-support.ts";
import { FRIDAY, FRIDAY_KEY, reasonOf, startVendor } from "./support.ts";

describe("download", () => {
  test("brings exactly the file that is listed", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    const { result, bytes, reported, left } = await downloadFriday(vendor, friday);
    expect(result).toEqual(wholeDownload(friday));
    expect(createHash("md5").update(bytes).digest("hex")).toBe(friday.etag);
    expect(gunzipSync(bytes).toString()).toStartWith("ticker,open,close,high,low,window_start\n");
    expect(sum(reported)).toBe(friday.sizeBytes);
    expect(left).toEqual([`${FRIDAY}.csv.gz`]);
  });

  test("brings a large file in parts, over several connections", async () => {
    await using vendor = await startVendor({ transfer: rangesOf(1000) });
    const friday = await vendor.friday();
    const { result } = await downloadFriday(vendor, friday);
    expect(result).toEqual(wholeDownload(friday));
    const ranges = vendor.sandbox.requests.map(({ range }) => range);
    expect(ranges.length).toBe(Math.ceil(friday.sizeBytes / 1000));
    expect(ranges.slice(0, 2)).toEqual(["bytes=0-999", "bytes=1000-1999"]);
    expect(ranges).toContain(`bytes=${friday.sizeBytes - (friday.sizeBytes % 1000)}-${friday.sizeBytes - 1}`);
  });

  test("takes larger parts once connections are found to be fast", async () => {
    await using vendor = await startVendor({
      transfer: { clock: systemClock, connections: 9, minRangeBytes: 500, maxRangeBytes: 4000 },
    });
    const friday = await vendor.friday();
    await downloadFriday(vendor, friday);
    expect(vendor.sandbox.requests.length).toBe(9);
    vendor.sandbox.clearRequests();
    await downloadFriday(vendor, friday);
    expect(vendor.sandbox.requests.length).toBe(Math.ceil(friday.sizeBytes / 4000));
  });

  test("replaces an older file and what a crash left of one", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    using dir = tempDir();
    const path = join(dir.path, "day.csv.gz");
    writeFileSync(path, "the older version");
    writeFileSync(`${path}.part`, Buffer.alloc(1 << 20, "x"));
    const result = await download(vendor.flatFiles, friday, path, { sync: false });
    expect(result).toEqual(wholeDownload(friday));
    expect(readFileSync(path).length).toBe(friday.sizeBytes);
    expect(readdirSync(dir.path)).toEqual(["day.csv.gz"]);
  });

  test("fetches a file again whose bytes arrived changed, and takes back what it reported", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "flip", atByte: 500 } });
    const { result, reported } = await downloadFriday(vendor, friday);
    expect(result.md5).toBe(friday.etag);
    expect(sum(reported)).toBe(friday.sizeBytes);
    expect(reported).toContain(-friday.sizeBytes);
  });

  test("refuses a file whose bytes keep arriving changed", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 9, fault: { kind: "flip", atByte: 500 } });
    const { error, left } = await failedDownload(vendor, friday);
    expect([error.kind, error.code]).toEqual(["source", "corrupt"]);
    expect(vendor.sandbox.requests.length).toBe(2);
    expect(left).toEqual([]);
  });

  test("takes the ETag of a multipart upload for no MD5", async () => {
    await using vendor = await startVendor({ sandbox: { multipartEtags: true } });
    const friday = await vendor.friday();
    const { result, bytes } = await downloadFriday(vendor, friday);
    expect(friday.etag).toMatch(/^[0-9a-f]{32}-\d+$/);
    expect(result).toEqual({
      ...wholeDownload(friday),
      md5: createHash("md5").update(bytes).digest("hex"),
    });
  });

  test("without an MD5 to compare, a changed byte is found by unpacking the file", async () => {
    await using vendor = await startVendor({ sandbox: { multipartEtags: true } });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "flip", atByte: 500 } });
    const { result, bytes } = await downloadFriday(vendor, friday);
    expect(result.fetchedBytes).toBe(2 * friday.sizeBytes);
    expect(gunzipSync(bytes).toString()).toStartWith("ticker,open,close,high,low,window_start\n");
  });

  test.each([
    ["its data", 500],
    ["its checksum", -20],
  ])("without an MD5 to compare, refuses a file that is damaged in %s", async (_, offset) => {
    await using vendor = await startVendor({ sandbox: { multipartEtags: true }, transfer: ONE_RANGE });
    const friday = await vendor.friday();
    const atByte = offset < 0 ? friday.sizeBytes + offset : offset;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 9, fault: { kind: "flip", atByte } });
    const { error, left } = await failedDownload(vendor, friday);
    expect([error.kind, error.code, left]).toEqual(["source", "corrupt", []]);
    expect(error.reason).toStartWith(
      "what arrived is not what the vendor published: it is no whole gzip file (",
    );
  });

  test.each([
    ["another version", { etag: '"00000000000000000000000000000000"' }, "republished"],
    ["a file of another size", { "content-range": "bytes 0-4/5" }, "unexpected-answer"],
    ["other bytes than asked for", { "content-range": "bytes 7-11/12" }, "unexpected-answer"],
  ])("notices a server that sends %s", async (_, headers, code) => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    const answer = s3Error(206, "", "", {}, headers);
    // Asked for again, after a look at the listing, it sends the same.
    const match = /2024-11-22\.csv\.gz\?x-id/;
    vendor.sandbox.faults.add({ match, times: 1000, fault: { kind: "answer", answer } });
    const { error } = await failedDownload(vendor, friday);
    expect(error.code).toBe(code);
  });

  test("a day outside the plan is a matter of the subscription", async () => {
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-25" } } });
    const friday = await vendor.friday();
    const { error, left } = await failedDownload(vendor, friday);
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: `download ${FRIDAY_KEY}`,
      reason: "the subscription does not include this flat file (HTTP 403)",
      nextStep: "Ask for later dates, leave this dataset out, or choose a plan with its flat files.",
    });
    expect(error.code).toBe("not-entitled");
    expect(vendor.sandbox.requests.length).toBe(1);
    expect(left).toEqual([]);
  });

  test.each([
    ["a file that is not there", FRIDAY_KEY.replace("22.csv", "23.csv"), "source", "not-published"],
    ["another bucket's", FRIDAY_KEY, "settings", "no-such-bucket"],
  ])("does not ask in vain for %s", async (_, key, kind, code) => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    const flatFiles = code === "no-such-bucket" ? { ...vendor.flatFiles, bucket: "other" } : vendor.flatFiles;
    const { error, left } = await failedDownload({ ...vendor, flatFiles }, { ...friday, key });
    expect([error.kind, error.code, left]).toEqual([kind, code, []]);
    // Ranges that are under way together are refused together.
    expect(vendor.sandbox.requests.length).toBe(1);
  });

  test("ends at once when it is aborted", async () => {
    await using vendor = await startVendor({ transfer: rangesOf(4000) });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 99, fault: { kind: "stall", afterBytes: 1000 } });
    using dir = tempDir();
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const options = { signal: controller.signal, onBytes: () => controller.abort(reason) };
    expect(await reasonOf(download(vendor.flatFiles, friday, join(dir.path, "day"), options))).toBe(reason);
    expect(existsSync(join(dir.path, "day"))).toBe(false);
  });

  test("does not begin under a signal that is aborted already", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    using dir = tempDir();
    const reason = new Error("Ctrl-C");
    const path = join(dir.path, "folder", "day");
    const options = { signal: AbortSignal.abort(reason) };
    expect(await reasonOf(download(vendor.flatFiles, friday, path, options))).toBe(reason);
    expect([vendor.sandbox.requests.length, existsSync(join(dir.path, "folder"))]).toEqual([0, false]);
  });

  test("a file that cannot be written is a matter of the data directory, and is not asked for", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    using dir = tempDir();
    mkdirSync(join(dir.path, "day.part"));
    const error = await rejectionOf(download(vendor.flatFiles, friday, join(dir.path, "day")));
    expect([error.kind, error.operation]).toEqual(["cache", `write ${join(dir.path, "day.part")}`]);
    expect(vendor.sandbox.requests.length).toBe(0);
  });
});

// Linux has a device that is always full.
if (existsSync("/dev/full"))
  test("a full disk ends the download and says so", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    using dir = tempDir();
    symlinkSync("/dev/full", join(dir.path, "day.part"));
    const error = await rejectionOf(download(vendor.flatFiles, friday, join(dir.path, "day")));
    expect([error.kind, error.code, error.reason]).toEqual(["cache", "disk-full", "the disk is full"]);
    expect(readdirSync(dir.path)).toEqual([]);
  });
