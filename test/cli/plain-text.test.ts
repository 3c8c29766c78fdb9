import { describe, expect, test } from "bun:test";
import { plainText } from "../../src/cli/plain-text.ts";

describe("plainText", () => {
  test.each([
    ["SPX\t1\nü 中 😀", "SPX\t1\nü 中 😀"],
    ["a\u001B[2Jb", String.raw`a\u001b[2Jb`],
    ["\u001B]0;title\u0007", String.raw`\u001b]0;title\u0007`],
    ["\u009B31m\u0000\r\u007F", String.raw`\u009b31m\u0000\u000d\u007f`],
  ])("of %j shows nothing that a terminal obeys", (text, shown) => {
    expect(plainText(text)).toBe(shown);
  });

  test("keeps JSON what it is", () => {
    const value = { ticker: "a\u0085\u009Bb\u001B" };
    expect(JSON.parse(plainText(JSON.stringify(value)))).toEqual(value);
  });

  test("leaves colours where there are any, and nothing else", () => {
    expect(plainText("\u001B[1;32mgreen\u001B[0m \u001B[2J", { keepsStyles: true })).toBe(
      `\u001B[1;32mgreen\u001B[0m ${String.raw`\u001b[2J`}`,
    );
  });
});
