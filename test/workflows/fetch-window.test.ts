import { describe, expect, test } from "bun:test";
import { mayBegin } from "../../src/workflows/fetch-window.ts";

/** How many files of one size are begun ahead of a reader who takes none. */
function begun(sizeBytes: number, connections: number): number {
  const ahead = { files: 0, bytes: 0 };
  while (mayBegin(ahead, sizeBytes, connections)) {
    ahead.files++;
    ahead.bytes += sizeBytes;
    if (ahead.files > 1000) throw new Error("no bound");
  }
  return ahead.files;
}

describe("the files that are begun ahead of the reader", () => {
  test("are eight, however large", () => {
    expect([begun(150_000_000, 1), begun(150_000_000, 16), begun(2e12, 64)]).toEqual([8, 8, 8]);
  });

  test("are one for each connection if they are small", () => {
    expect([begun(100_000, 1), begun(100_000, 16), begun(0, 64), begun(2_000_000, 256)]).toEqual([
      8, 16, 64, 256,
    ]);
  });

  test("are as many as bring every connection its share of bytes", () => {
    const connections = 64;
    const files = begun(30_000_000, connections);
    expect(files * 30_000_000).toBeLessThanOrEqual(connections * 8_388_608);
    expect((files + 1) * 30_000_000).toBeGreaterThan(connections * 8_388_608);
  });
});
