import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { syntheticTickers } from "../../../src/sandbox/sandbox.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import {
  barsOfLines,
  BUCKET,
  csvLines,
  failureOf,
  FRIDAY_KEY,
  MONDAY_MS,
  objectBytes,
  s3Client,
  withSandbox,
} from "../support.ts";

const FRIDAY = "2024-11-22";

async function headOf(sandbox: Sandbox, key = FRIDAY_KEY) {
  const head = await s3Client(sandbox).send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
  return { etag: head.ETag ?? "", sizeBytes: head.ContentLength ?? 0, modified: head.LastModified };
}

async function listed(sandbox: Sandbox, prefix: string): Promise<string[]> {
  const list = await s3Client(sandbox).send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return (list.Contents ?? []).map((object) => (object.Key ?? "").slice(-17, -7));
}

describe("publication", () => {
  test("a day appears at 11:00 New York time on the next calendar day, with that stamp", async () => {
    let nowMs = Date.parse("2024-11-23T15:59:59Z");
    await withSandbox({ nowMs: () => nowMs }, async (sandbox) => {
      expect(await listed(sandbox, FRIDAY_KEY)).toEqual([]);
      expect(await failureOf(objectBytes(sandbox, FRIDAY_KEY))).toMatchObject({ name: "NoSuchKey" });
      nowMs += 1000;
      expect(await listed(sandbox, FRIDAY_KEY)).toEqual([FRIDAY]);
      expect((await headOf(sandbox)).modified).toEqual(new Date(nowMs));
    });
  });

  test("each dataset has the days it trades; indices have holidays too", async () => {
    // 2024-11-25 to 12-01: Thanksgiving is Thursday 28.
    const nowMs = Date.parse("2024-12-03T20:00:00Z");
    await withSandbox({ nowMs: () => nowMs, historyFrom: "2024-11-25" }, async (sandbox) => {
      const prefixes = ["us_indices", "us_stocks_sip", "us_options_opra", "global_crypto", "global_forex"];
      const days: string[][] = [];
      for (const prefix of prefixes)
        days.push(
          (await listed(sandbox, `${prefix}/minute_aggs_v1/`))
            .filter((date) => date <= "2024-12-01")
            .map((date) => date.slice(8)),
        );
      expect(days).toEqual([
        ["25", "26", "27", "28", "29"],
        ["25", "26", "27", "29"],
        ["25", "26", "27", "29"],
        ["25", "26", "27", "28", "29", "30", "01"],
        ["25", "26", "27", "28", "29", "01"],
      ]);
      const holiday = await csvLines(sandbox, "us_indices/minute_aggs_v1/2024/11/2024-11-28.csv.gz");
      expect([...new Set(holiday.slice(1).map((line) => line.split(",")[0]))]).toEqual(["I:AAVE100"]);
    });
  });

  test("a held day appears when it is due, or released", async () => {
    let nowMs = MONDAY_MS;
    await withSandbox({ nowMs: () => nowMs }, async (sandbox) => {
      expect((await headOf(sandbox)).modified).toEqual(new Date("2024-11-23T16:00:00Z"));
      sandbox.hold("indices", FRIDAY, MONDAY_MS + 1000);
      sandbox.hold("indices", "2024-11-21");
      expect(await listed(sandbox, "us_indices/minute_aggs_v1/2024/11/2024-11-2")).toEqual(["2024-11-20"]);
      nowMs += 1000;
      expect(await listed(sandbox, "us_indices/minute_aggs_v1/2024/11/2024-11-2")).toEqual([
        "2024-11-20",
        FRIDAY,
      ]);
      expect((await headOf(sandbox)).modified).toEqual(new Date(MONDAY_MS + 1000));
      sandbox.release("indices", "2024-11-21");
      expect(await headOf(sandbox, FRIDAY_KEY.replace(FRIDAY, "2024-11-21"))).toMatchObject({
        modified: new Date(nowMs),
      });
    });
  });

  test("a republished day has other bars, another ETag and a new stamp", async () => {
    await withSandbox({}, async (sandbox) => {
      const before = await headOf(sandbox);
      const spx = sandbox.truth("indices", "I:SPX", FRIDAY);
      const ndx = sandbox.truth("indices", "I:NDX", FRIDAY);
      sandbox.republish("indices", FRIDAY);
      const after = await headOf(sandbox);
      expect(after.etag).not.toBe(before.etag);
      expect(after.modified).toEqual(new Date(MONDAY_MS));
      const lines = await csvLines(sandbox, FRIDAY_KEY);
      expect(barsOfLines(lines, "I:SPX")).toEqual(sandbox.truth("indices", "I:SPX", FRIDAY));
      expect(barsOfLines(lines, "I:SPX")).not.toEqual(spx);
      expect(barsOfLines(lines, "I:NDX")).toEqual(ndx);
    });
  });
});

describe("objects", () => {
  test("the same options give the same bytes, another seed gives others", async () => {
    const etags: string[] = [];
    for (const seed of [1, 1, 2])
      await withSandbox({ seed }, async (sandbox) => {
        etags.push((await headOf(sandbox)).etag);
      });
    expect([etags[0] === etags[1], etags[0] === etags[2]]).toEqual([true, false]);
  });

  test("a big object, which is not kept in memory, comes whole and in ranges", async () => {
    const tickers = { indices: syntheticTickers("indices", 800) };
    await withSandbox({ tickers }, async (sandbox) => {
      const bytes = await objectBytes(sandbox, FRIDAY_KEY);
      const part = await s3Client(sandbox).send(
        new GetObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY, Range: "bytes=3000000-4999999" }),
      );
      const partBytes = (await part.Body?.transformToByteArray()) ?? new Uint8Array(0);
      expect(bytes.length).toBeGreaterThan(5_000_000);
      expect(Buffer.compare(partBytes, bytes.subarray(3_000_000, 5_000_000))).toBe(0);
      expect((await headOf(sandbox)).etag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
    });
  });

  test("an ETag of a multipart upload is no MD5", async () => {
    await withSandbox({ multipartEtags: true }, async (sandbox) => {
      const md5 = createHash("md5")
        .update(await objectBytes(sandbox, FRIDAY_KEY))
        .digest("hex");
      const { etag } = await headOf(sandbox);
      expect(etag).toMatch(/^"[0-9a-f]{32}-1"$/);
      expect(etag).not.toContain(md5);
    });
  });
});
