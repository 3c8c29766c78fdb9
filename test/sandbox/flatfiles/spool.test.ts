import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { bytesOf, sliceOf } from "../../../src/sandbox/http/content.ts";
import { Spool } from "../../../src/sandbox/flatfiles/spool.ts";
import { Random } from "../../../src/sandbox/market/random.ts";

function* noise(pieces: number, pieceBytes: number): Generator<Uint8Array> {
  const random = new Random(pieces);
  for (let piece = 0; piece < pieces; piece += 1)
    yield Uint8Array.from({ length: pieceBytes }, () => Math.floor(random.next() * 256));
}

describe("Spool", () => {
  test("keeps a small object in memory", async () => {
    const spool = new Spool();
    const { content, md5 } = await spool.storeGzip(noise(2, 1000));
    const bytes = await bytesOf(content);
    expect(content.kind).toBe("bytes");
    expect(gunzipSync(bytes).equals(Buffer.concat([...noise(2, 1000)]))).toBe(true);
    expect(md5).toBe(createHash("md5").update(bytes).digest("hex"));
  });

  test("keeps a big object in a file until it is removed", async () => {
    const spool = new Spool();
    const { content, md5 } = await spool.storeGzip(noise(6, 1_000_000));
    const bytes = await bytesOf(content);
    const path = content.kind === "file" ? content.path : "";
    expect(existsSync(path)).toBe(true);
    expect(gunzipSync(bytes).equals(Buffer.concat([...noise(6, 1_000_000)]))).toBe(true);
    expect(md5).toBe(createHash("md5").update(bytes).digest("hex"));
    const slice = await bytesOf(sliceOf(sliceOf(content, 300_000, 2_000_000), 100_000, 1_000_000));
    expect(Buffer.compare(slice, bytes.subarray(400_000, 1_400_000))).toBe(0);
    await spool.remove();
    expect(existsSync(path)).toBe(false);
  });
});
