import { describe, expect, test } from "bun:test";
import { unzipSync } from "fflate";
import { zipBytes } from "../../src/formats/zip-bytes.ts";

const TEXTS = new Map([
  ["20241122_spx_minute_trade.csv", "34200000,1,2,3,4,5\n".repeat(500)],
  ["empty.csv", ""],
]);

describe("zip archives", () => {
  test("hold the texts by name, smaller than they are", () => {
    const bytes = zipBytes(TEXTS);
    const decoder = new TextDecoder();
    const found = Object.entries(unzipSync(bytes)).map(([name, text]) => [name, decoder.decode(text)]);
    expect(found).toEqual([...TEXTS]);
    expect(bytes.length).toBeLessThan(1000);
  });

  test("have the same bytes in every time zone and at every time", () => {
    const script = `import { zipBytes } from ${JSON.stringify(new URL("../../src/formats/zip-bytes.ts", import.meta.url).pathname)};
      console.log(String(Bun.hash(zipBytes(new Map([["a.csv", "1,2,3"]])))));`;
    const hashes = ["UTC", "Asia/Tokyo", "America/Los_Angeles"].map((zone) =>
      Bun.spawnSync(["bun", "-e", script], { env: { ...process.env, TZ: zone } }).stdout.toString(),
    );
    expect(hashes).toEqual(hashes.map(() => `${Bun.hash(zipBytes(new Map([["a.csv", "1,2,3"]])))}\n`));
  });
});
