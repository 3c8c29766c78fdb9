import { describe, expect, test } from "bun:test";
import { filesToDelete, filesToWrite } from "../../../src/workflows/export/decide.ts";

const file = (path: string, fingerprint: string) => ({ path, fingerprint, parts: [], bars: 1 });
const PLANNED = [
  file("same", "a"),
  file("changed", "b"),
  file("new", "c"),
  file("gone", "d"),
  file("cut", "e"),
];
const EXPORTED = new Map([
  ["same", { fingerprint: "a", sizeBytes: 1 }],
  ["changed", { fingerprint: "x", sizeBytes: 1 }],
  ["gone", { fingerprint: "d", sizeBytes: 1 }],
  ["cut", { fingerprint: "e", sizeBytes: 2 }],
  ["old", { fingerprint: "f", sizeBytes: 1 }],
  ["old elsewhere", { fingerprint: "g", sizeBytes: 1 }],
  ["old and theirs", { fingerprint: "h", sizeBytes: 9 }],
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
