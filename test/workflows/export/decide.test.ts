import { describe, expect, test } from "bun:test";
import { filesToDelete, filesToWrite } from "../../../src/workflows/export/decide.ts";

const CONTENTS = { bars: 1, series: 1, from: "2024-01-02", to: "2024-01-02" };
const file = (path: string, fingerprint: string) => ({
  path,
  fingerprint,
  parts: [],
  isCut: false,
  ...CONTENTS,
});
const PLANNED = [
  file("same", "a"),
  file("changed", "b"),
  file("new", "c"),
  file("gone", "d"),
  file("cut", "e"),
];
const EXPORTED = new Map([
  ["same", { fingerprint: "a", sizeBytes: 1, ...CONTENTS }],
  ["changed", { fingerprint: "x", sizeBytes: 1, ...CONTENTS }],
  ["gone", { fingerprint: "d", sizeBytes: 1, ...CONTENTS }],
  ["cut", { fingerprint: "e", sizeBytes: 2, ...CONTENTS }],
  ["old", { fingerprint: "f", sizeBytes: 1, ...CONTENTS }],
  ["old elsewhere", { fingerprint: "g", sizeBytes: 1, ...CONTENTS }],
  ["old and theirs", { fingerprint: "h", sizeBytes: 9, ...CONTENTS }],
]);
const sizeOf = (path: string) => (path === "gone" ? null : 1);

const isInScope = (path: string) => path !== "old elsewhere";

describe("what an export does with a file", () => {
  test("is written when it is new, changed, gone or altered, and else left as it is", () => {
    const { write, unchanged } = filesToWrite(PLANNED, EXPORTED, { sizeOf, incremental: true });
    expect(write.map(({ file: { path }, reason }) => [path, reason])).toEqual([
      ["changed", "changed"],
      ["new", "new"],
      ["gone", "gone"],
      ["cut", "altered"],
    ]);
    expect(unchanged).toBe(1);
  });

  test("is always written when it is not asked to be spared", () => {
    const { write, unchanged } = filesToWrite(PLANNED, EXPORTED, { sizeOf, incremental: false });
    expect(write.map(({ reason }) => reason)).toEqual(PLANNED.map(() => "asked for"));
    expect(unchanged).toBe(0);
  });

  test("is deleted when it has no bars, is in scope and as we left it", () => {
    expect(filesToDelete(PLANNED, EXPORTED, { sizeOf, isInScope })).toEqual(["old"]);
  });
});
