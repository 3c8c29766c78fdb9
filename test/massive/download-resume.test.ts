import { describe, expect, test } from "bun:test";
import { readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { bytesIn, joined, missingFrom } from "../../src/massive/byte-ranges.ts";
import { download, resumableBytes } from "../../src/massive/download.ts";
import { readPartJournal } from "../../src/massive/part-journal.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { rejectionOf } from "../support/thrown.ts";
import {
  downloadInto,
  GET_FRIDAY,
  rangesOf,
  requestedRanges,
  sum,
  wholeDownload,
} from "./download-support.ts";
import { FRIDAY, reasonOf, startVendor, type Vendor } from "./support.ts";

const RANGES = { transfer: { ...rangesOf(2000), connections: 2 } };
const DAY = "day.csv.gz";
const LEFT = [DAY, `${DAY}.part`, `${DAY}.part.journal`];

/** Lets a download fail after some ranges; returns what they hold in all. */
async function failInMidFile(vendor: Vendor, object: FlatFile, path: string): Promise<number> {
  vendor.sandbox.faults.add({ match: GET_FRIDAY, skip: 3, times: 99, fault: { kind: "reset" } });
  const error = await rejectionOf(download(vendor.flatFiles, object, path));
  expect(error.code).toBe("transient");
  vendor.sandbox.faults.clear();
  vendor.sandbox.clearRequests();
  const bytes = await resumableBytes(object, path);
  expect([bytes > 0, bytes < object.sizeBytes]).toEqual([true, true]);
  return bytes;
}

/** A vendor and a folder in which a download has failed half-way. */
async function halfway(dir: TempDir) {
  const vendor = await startVendor(RANGES);
  const friday = await vendor.friday();
  const path = join(dir.path, DAY);
  return { vendor, friday, path, resumedBytes: await failInMidFile(vendor, friday, path) };
}

describe("a download that was not finished", () => {
  test("is gone on with: only what is missing is fetched", async () => {
    using dir = tempDir();
    const { vendor: started, friday, path, resumedBytes } = await halfway(dir);
    await using vendor = started;
    expect(readdirSync(dir.path).toSorted()).toEqual(LEFT.slice(1));
    const finished = await readPartJournal(`${path}.part.journal`, friday);
    const { result, fetched, resumed } = await downloadInto(vendor, friday, path);
    const fetchedBytes = friday.sizeBytes - resumedBytes;
    expect(result).toEqual({ ...wholeDownload(friday), fetchedBytes });
    expect([sum(fetched), resumed]).toEqual([fetchedBytes, [resumedBytes]]);
    expect(joined(requestedRanges(vendor.sandbox))).toEqual(missingFrom(finished, friday.sizeBytes));
    expect(readdirSync(dir.path)).toEqual([DAY]);
  });

  test("is gone on with over another number of connections", async () => {
    using dir = tempDir();
    const { vendor: started, friday, path, resumedBytes } = await halfway(dir);
    await started[Symbol.asyncDispose]();
    await using vendor = await startVendor({ transfer: { ...rangesOf(700), connections: 9 } });
    const { result } = await downloadInto(vendor, friday, path);
    expect(result).toEqual({ ...wholeDownload(friday), fetchedBytes: friday.sizeBytes - resumedBytes });
  });

  test("has what came of a range too, when it was aborted in the middle of it", async () => {
    await using vendor = await startVendor(RANGES);
    const friday = await vendor.friday();
    using dir = tempDir();
    const path = join(dir.path, DAY);
    const stall = { kind: "stall", afterBytes: 500 } as const;
    vendor.sandbox.faults.add({ match: GET_FRIDAY, times: 99, fault: stall });
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const options = { signal: controller.signal, onBytes: () => controller.abort(reason) };
    expect(await reasonOf(download(vendor.flatFiles, friday, path, options))).toBe(reason);
    expect(await resumableBytes(friday, path)).toBe(
      bytesIn(await readPartJournal(`${path}.part.journal`, friday)),
    );
    expect(await resumableBytes(friday, path)).toBeGreaterThanOrEqual(500);
    vendor.sandbox.faults.clear();
    const { result } = await downloadInto(vendor, friday, path);
    expect(result.md5).toBe(friday.etag);
  });

  test("starts over when the vendor has another version", async () => {
    using dir = tempDir();
    const { vendor: started, friday, path } = await halfway(dir);
    await using vendor = started;
    vendor.sandbox.republish("indices", FRIDAY);
    const newer = await vendor.friday();
    expect(newer.etag).not.toBe(friday.etag);
    expect(await resumableBytes(newer, path)).toBe(0);
    const { result, resumed } = await downloadInto(vendor, newer, path);
    expect([result, resumed]).toEqual([wholeDownload(newer), []]);
  });

  test.each([
    ["its journal is gone", (path: string) => writeFileSync(`${path}.part.journal`, "")],
    ["its bytes are gone", (path: string) => truncateSync(`${path}.part`, 10)],
  ])("starts over when %s", async (_, harm) => {
    using dir = tempDir();
    const { vendor: started, friday, path } = await halfway(dir);
    await using vendor = started;
    harm(path);
    expect(await resumableBytes(friday, path)).toBe(0);
    const { result, resumed } = await downloadInto(vendor, friday, path);
    expect([result, resumed]).toEqual([wholeDownload(friday), []]);
  });

  test("is fetched whole, once, when its bytes are not what the journal says: a power cut can do that", async () => {
    using dir = tempDir();
    const { vendor: started, friday, path, resumedBytes } = await halfway(dir);
    await using vendor = started;
    writeFileSync(`${path}.part`, Buffer.alloc(readFileSync(`${path}.part`).length));
    const { result, fetched, resumed } = await downloadInto(vendor, friday, path);
    const missingBytes = friday.sizeBytes - resumedBytes;
    expect(result).toEqual({ ...wholeDownload(friday), fetchedBytes: missingBytes + friday.sizeBytes });
    expect([sum(fetched), resumed]).toEqual([friday.sizeBytes, [resumedBytes, -resumedBytes]]);
    expect(fetched).toContain(-missingBytes);
  });

  test("is all there: then nothing is asked for", async () => {
    await using vendor = await startVendor(RANGES);
    const friday = await vendor.friday();
    using dir = tempDir();
    const path = join(dir.path, DAY);
    const { bytes } = await downloadInto(vendor, friday, path);
    const { key, etag, sizeBytes } = friday;
    writeFileSync(`${path}.part`, bytes);
    writeFileSync(`${path}.part.journal`, `${JSON.stringify({ key, etag, sizeBytes })}\n[0,${sizeBytes}]\n`);
    vendor.sandbox.clearRequests();
    const { result } = await downloadInto(vendor, friday, path);
    expect(result).toEqual({ ...wholeDownload(friday), fetchedBytes: 0 });
    expect(vendor.sandbox.requests).toEqual([]);
  });
});
