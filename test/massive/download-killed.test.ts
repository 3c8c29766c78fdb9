import { expect, test } from "bun:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { bytesIn, missingFrom } from "../../src/massive/byte-ranges.ts";
import { download, resumableBytes } from "../../src/massive/download.ts";
import { readPartJournal } from "../../src/massive/part-journal.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rangesOf, requestedRanges, sum } from "./download-support.ts";
import { s3Settings, startVendor, type Vendor } from "./support.ts";

const CONNECTIONS = 4;
const RANGE_BYTES = 4000;
const TRANSFER = { ...rangesOf(RANGE_BYTES), connections: CONNECTIONS };

/** Kills a download as soon as it has half of the file; returns how much it had. */
async function killHalfway(vendor: Vendor, object: FlatFile, path: string): Promise<number> {
  const work = JSON.stringify({ settings: s3Settings(vendor.sandbox), transfer: TRANSFER, object });
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "killed-download.ts"), work, path], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let said = "";
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk);
    if (lastNumber(said) >= object.sizeBytes / 2) child.kill("SIGKILL");
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  return lastNumber(said);
}

function lastNumber(lines: string): number {
  return Number(lines.split("\n").at(-2) ?? 0);
}

test("a download that is killed in mid-file fetches at most one range per connection again", async () => {
  // All tickers: a file of some 30 ranges, which take a second.
  await using vendor = await startVendor({
    sandbox: { tickers: {}, bytesPerSecond: 30_000 },
    transfer: TRANSFER,
  });
  const friday = await vendor.friday();
  using dir = tempDir();
  const path = join(dir.path, "day.csv.gz");
  const arrivedBytes = await killHalfway(vendor, friday, path);
  const finished = await readPartJournal(`${path}.part.journal`, friday);
  const finishedBytes = bytesIn(finished);
  expect(finishedBytes).toBeGreaterThan(0);
  expect(await resumableBytes(friday, path)).toBe(finishedBytes);

  vendor.sandbox.clearRequests();
  vendor.sandbox.faults.clear();
  const [fetched, resumed]: number[][] = [[], []];
  const result = await download(vendor.flatFiles, friday, path, {
    onBytes: (count) => fetched?.push(count),
    onResumed: (count) => resumed?.push(count),
  });

  const requested = requestedRanges(vendor.sandbox);
  expect(bytesIn(requested)).toBe(friday.sizeBytes - finishedBytes);
  expect(missingFrom([...finished, ...requested], friday.sizeBytes)).toEqual([]);
  expect(bytesIn(requested) - (friday.sizeBytes - arrivedBytes)).toBeLessThanOrEqual(
    CONNECTIONS * RANGE_BYTES,
  );
  const fetchedBytes = bytesIn(requested);
  expect([sum(fetched ?? []), resumed]).toEqual([fetchedBytes, [finishedBytes]]);
  expect(result).toEqual({ object: friday, bytes: friday.sizeBytes, fetchedBytes, md5: friday.etag });
  expect(Bun.CryptoHasher.hash("md5", readFileSync(path), "hex")).toBe(friday.etag);
  expect(readdirSync(dir.path)).toEqual(["day.csv.gz"]);
}, 20_000);
