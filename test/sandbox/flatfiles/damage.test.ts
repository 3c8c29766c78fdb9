import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { BUCKET, csvLines, FRIDAY_KEY, objectBytes, s3Client, withSandbox } from "../support.ts";

const FRIDAY = "2024-11-22";

async function factsOf(sandbox: Sandbox) {
  const head = await s3Client(sandbox).send(new HeadObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY }));
  return { etag: head.ETag, sizeBytes: head.ContentLength ?? 0 };
}

describe("damage", () => {
  test("adds bad rows of each kind to one ticker and keeps the good ones", async () => {
    await withSandbox({}, async (sandbox) => {
      const before = await csvLines(sandbox, FRIDAY_KEY);
      sandbox.damage("indices", FRIDAY, {
        badRowTicker: "I:NDX",
        badRows: {
          "too-few-fields": 1,
          "not-a-number": 2,
          "high-below-low": 3,
          "other-day": 4,
          duplicate: 5,
        },
      });
      const after = await csvLines(sandbox, FRIDAY_KEY);
      const known = new Set(before);
      const saturdayMs = Date.parse("2024-11-23T00:00Z");
      const added = after.filter((line) => !known.has(line));
      expect(after.filter((line) => known.has(line)).length).toBe(before.length + 5);
      expect(added.every((line) => line.startsWith("I:NDX,"))).toBe(true);
      expect({
        short: added.filter((line) => line.split(",").length < 6).length,
        noNumber: added.filter((line) => line.includes("n/a")).length,
        inverted: added.filter((line) => line.includes(",1,2,")).length,
        late: added.filter((line) => Number(line.split(",")[5]?.slice(0, 13)) >= saturdayMs).length,
        all: added.length,
      }).toEqual({ short: 1, noNumber: 2, inverted: 3, late: 4, all: 10 });
      sandbox.republish("indices", FRIDAY, []);
      expect(await csvLines(sandbox, FRIDAY_KEY)).toEqual(before);
    });
  });

  test("can give every row of the day a wrong stamp", async () => {
    await withSandbox({}, async (sandbox) => {
      const before = await csvLines(sandbox, FRIDAY_KEY);
      sandbox.damage("indices", FRIDAY, { stamps: "negative" });
      const negative = await csvLines(sandbox, FRIDAY_KEY);
      expect([...new Set(negative.slice(1).map((line) => line.split(",")[5]))]).toEqual(["-68400000000000"]);
      sandbox.damage("indices", FRIDAY, { stamps: "next-day" });
      const late = await csvLines(sandbox, FRIDAY_KEY);
      expect(late).toEqual(
        before.map((line) => line.replace(/\d{19}$/, (stamp) => String(BigInt(stamp) + 86_400_000_000_000n))),
      );
    });
  });

  test("can double every row and change the header", async () => {
    await withSandbox({}, async (sandbox) => {
      const before = await csvLines(sandbox, FRIDAY_KEY);
      sandbox.damage("indices", FRIDAY, { doubled: true, header: "symbol,price" });
      const after = await csvLines(sandbox, FRIDAY_KEY);
      expect(after).toEqual(["symbol,price", ...before.slice(1).flatMap((line) => [line, line])]);
    });
  });

  test.each(["flipped", "truncated"] as const)("can break the gzip stream: %s", async (gzip) => {
    await withSandbox({}, async (sandbox) => {
      const before = await factsOf(sandbox);
      sandbox.damage("indices", FRIDAY, { gzip });
      const after = await factsOf(sandbox);
      const bytes = await objectBytes(sandbox, FRIDAY_KEY);
      expect(() => gunzipSync(bytes)).toThrow();
      expect(after.sizeBytes).toBe(bytes.length);
      expect(after.sizeBytes).toBe(
        gzip === "flipped" ? before.sizeBytes : Math.floor((before.sizeBytes * 2) / 3),
      );
      expect(after.etag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
    });
  });
});
