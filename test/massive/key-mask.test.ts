import { describe, expect, test } from "bun:test";
import { keyMask } from "../../src/massive/key-mask.ts";

const KEY = "p_Q7+x/9=Zk3~";

describe("keyMask", () => {
  const masked = keyMask(KEY);

  test("takes the key out as it is and as it stands in an address, wherever and however often", () => {
    expect(masked(`${KEY} or apiKey=${encodeURIComponent(KEY)}&x=${KEY}`)).toBe("*** or apiKey=***&x=***");
  });

  test.each(["", "u", "u:", "Bearer ", "apiKey=", "x=12&apiKey="])(
    "leaves nothing of it to be read in the base64 of a text after %j",
    (before) => {
      for (const after of ["", "&", "&a", "&ab", "&limit=50000"])
        for (const encoding of ["base64", "base64url"] as const) {
          const text = masked(Buffer.from(before + KEY + after).toString(encoding));
          expect(text).toContain("***");
          const around = text.split("***").map((part) => Buffer.from(part, encoding).toString("latin1"));
          expect(around.every((part) => !part.includes(KEY.slice(2, -2)))).toBe(true);
        }
    },
  );

  test("leaves other texts alone", () => {
    const text = '{"status":"OK","results":[{"t":1732285800000,"o":1.5}]}';
    expect(masked(text)).toBe(text);
    expect(keyMask("k")("b64 of k")).toBe("b64 of ***");
  });
});
