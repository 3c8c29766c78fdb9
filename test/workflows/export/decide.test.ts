import { describe, expect, test } from "bun:test";
import { filesToDelete, filesToWrite, lostOf } from "../../../src/workflows/export/decide.ts";

const CONTENTS = { bars: 1, series: [7], from: "2024-01-02", to: "2024-01-02", days: [19_724] };
const KNOWN = { days: [19_723, 19_724], series: [7] };
const file = (path: string, fingerprint: string) => ({
  path,
  fingerprint,
  parts: [],
  known: KNOWN,
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
  ["old and theirs", { fingerprint: "h", sizeBytes: 9, ...CONTENTS }],
  ["of other days too", { fingerprint: "i", sizeBytes: 1, ...CONTENTS, days: [19_724, 19_725] }],
  ["of more contracts", { fingerprint: "j", sizeBytes: 1, ...CONTENTS, series: [7, 8] }],
]);
const sizeOf = (path: string) => (path === "gone" ? null : 1);

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

  test("is to go when the cache knows that days of it have no bars, and it is as we left it", () => {
    const empty = [...EXPORTED.keys(), "never there"].map((path) => ({ path, known: KNOWN }));
    const paths = filesToDelete(empty.slice(3), EXPORTED, sizeOf).map(({ path }) => path);
    expect(paths).toEqual(["old", "of other days too", "of more contracts"]);
  });

  test("stays when the cache knows nothing of the days it holds", () => {
    const elsewhere = { ...KNOWN, days: [20_000] };
    expect(filesToDelete([{ path: "old", known: elsewhere }], EXPORTED, sizeOf)).toEqual([]);
  });

  test("loses what the cache does not know", () => {
    const held = { ...CONTENTS, days: [19_724, 19_725, 19_730], series: [5, 7, 8] };
    expect(lostOf(held, KNOWN)).toEqual({ days: [19_725, 19_730], series: [5, 8] });
    expect(lostOf(CONTENTS, KNOWN)).toBeNull();
  });
});
