import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { listMonth } from "../../src/massive/flat-files.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import {
  downloadFriday,
  failedDownload,
  GET_FRIDAY,
  rangesOf,
  sum,
  wholeDownload,
} from "./download-support.ts";
import { FRIDAY, FRIDAY_KEY, startVendor, type Vendor } from "./support.ts";

const OTHER_VERSION = s3Error(412, "PreconditionFailed", "");

async function listedNow({ flatFiles }: Vendor) {
  return (await listMonth(flatFiles, "indices", "2024-11")).find(({ date }) => date === FRIDAY);
}

function statusesOf({ requests }: Sandbox): number[] {
  return requests.map(({ status }) => status);
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

describe("a file that the vendor replaces", () => {
  test("before it is fetched comes in its new version", async () => {
    await using vendor = await startVendor({ transfer: { connections: 1 } });
    const friday = await vendor.friday();
    vendor.sandbox.republish("indices", FRIDAY);
    const { result, bytes, left } = await downloadFriday(vendor, friday);
    expect(statusesOf(vendor.sandbox)).toEqual([412, 200, 206]);
    const newer = await listedNow(vendor);
    expect(newer?.etag).not.toBe(friday.etag);
    expect(result).toEqual(wholeDownload(newer ?? friday));
    expect(createHash("md5").update(bytes).digest("hex")).toBe(result.md5);
    expect(left).toEqual([`${FRIDAY}.csv.gz`]);
  });

  test("while it is fetched comes whole in its new version; what is dropped is taken back", async () => {
    await using vendor = await startVendor({ transfer: { ...rangesOf(2000), connections: 1 } });
    const friday = await vendor.friday();
    const republish = once(() => vendor.sandbox.republish("indices", FRIDAY));
    const { result, reported } = await downloadFriday(vendor, friday, republish);
    const newer = await listedNow(vendor);
    expect(result.object).toEqual(newer ?? friday);
    expect(result.object.etag).not.toBe(friday.etag);
    expect(result.md5).toBe(result.object.etag);
    expect(sum(reported)).toBe(result.bytes);
    const droppedBytes = -sum(reported.filter((count) => count < 0));
    expect(droppedBytes).toBeGreaterThan(0);
    expect(result.fetchedBytes).toBe(result.bytes + droppedBytes);
  });

  test("again and again is given up", async () => {
    await using vendor = await startVendor({ transfer: { ...rangesOf(2000), connections: 1 } });
    const friday = await vendor.friday();
    const { error, left } = await failedDownload(vendor, friday, () => {
      vendor.sandbox.republish("indices", FRIDAY);
    });
    // What came of the last version waits for the next run.
    expect([error.kind, error.code, left]).toEqual([
      "source",
      "republished",
      ["day.csv.gz.part", "day.csv.gz.part.journal"],
    ]);
    expect(statusesOf(vendor.sandbox).filter((status) => status === 412).length).toBe(4);
  });

  test("on a server that does not heed our condition comes in its new version, over the one connection there is", async () => {
    await using vendor = await startVendor({ transfer: { connections: 1 } });
    const friday = await vendor.friday();
    const other = s3Error(206, "", "x".repeat(100_000), {}, { etag: '"00000000000000000000000000000000"' });
    vendor.sandbox.faults.add({
      match: /2024-11-22\.csv\.gz\?x-id/,
      times: 3,
      fault: { kind: "answer", answer: other },
    });
    const { result } = await downloadFriday(vendor, friday);
    expect(result).toEqual(wholeDownload(friday));
  });

  test("by the word of one answer alone, which the listing does not bear out, keeps what has come", async () => {
    await using vendor = await startVendor({ transfer: { ...rangesOf(2000), connections: 1 } });
    const friday = await vendor.friday();
    const fault = { kind: "answer", answer: OTHER_VERSION } as const;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, skip: 2, fault });
    const { result, left } = await downloadFriday(vendor, friday);
    expect(result).toEqual(wholeDownload(friday));
    const ranges = Math.ceil(friday.sizeBytes / 2000);
    expect(statusesOf(vendor.sandbox)).toEqual([206, 206, 412, 200, ...Array<number>(ranges - 2).fill(206)]);
    expect(left).toEqual([`${FRIDAY}.csv.gz`]);
  });

  test("though its listing never says so is given up, and left for the next run", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    const fault = { kind: "answer", answer: OTHER_VERSION } as const;
    vendor.sandbox.faults.add({ match: /2024-11-22\.csv\.gz\?x-id/, times: 1000, fault });
    const { error } = await failedDownload(vendor, friday);
    expect([error.kind, error.code]).toEqual(["source", "republished"]);
  });

  test("by a shorter one: the range beyond its end is no error of the connection", async () => {
    await using vendor = await startVendor({ transfer: { connections: 1 } });
    const friday = await vendor.friday();
    vendor.sandbox.republish("indices", FRIDAY);
    const beyond = s3Error(416, "InvalidRange", "");
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "answer", answer: beyond } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result.object.etag).not.toBe(friday.etag);
    expect(statusesOf(vendor.sandbox)).toEqual([416, 200, 206]);
  });

  test("and then takes away is not published", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    vendor.sandbox.hold("indices", FRIDAY);
    vendor.sandbox.faults.add({ match: GET_FRIDAY, fault: { kind: "answer", answer: OTHER_VERSION } });
    const { error, left } = await failedDownload(vendor, friday);
    expect([error.code, error.operation, left]).toEqual(["not-published", `list ${FRIDAY_KEY}`, []]);
  });
});
