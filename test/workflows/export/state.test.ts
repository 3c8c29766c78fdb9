import { describe, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readState, saveState, STATE_FILE } from "../../../src/workflows/export/state.ts";
import { tempDir } from "../../support/temp-dir.ts";

const CONTENTS = {
  bars: 2,
  series: [7, 4_000_000_000],
  from: "2024-01-02",
  to: "2024-01-03",
  days: [19_724, 19_725],
};
const FILES = new Map([
  ["timeframe=1m/symbol=SPX/year=2024/bars.parquet", { fingerprint: "aa", sizeBytes: 12, ...CONTENTS }],
  ["a.csv", { fingerprint: "bb", sizeBytes: 0, ...CONTENTS }],
]);

describe("the account of an export", () => {
  test("is what was saved, and nothing else lies beside it", () => {
    using dir = tempDir();
    expect(readState(dir.path)).toEqual({ kind: "none" });
    saveState(dir.path, "parquet (zstd)", FILES);
    expect(readState(dir.path)).toEqual({ kind: "files", files: FILES, options: "parquet (zstd)" });
    expect(readdirSync(dir.path)).toEqual([STATE_FILE]);
  });

  test("is not relied on where it is of another version", () => {
    using dir = tempDir();
    writeFileSync(
      join(dir.path, STATE_FILE),
      JSON.stringify({ formatVersion: 0, options: "csv", files: {} }),
    );
    expect(readState(dir.path)).toEqual({
      kind: "unusable",
      reason: `${STATE_FILE} is of another version of this program`,
    });
  });

  test("is damaged where it is no such thing, or leads out of its folder", () => {
    using dir = tempDir();
    const file = { fingerprint: "aa", sizeBytes: 1, ...CONTENTS, days: "19724:Aw==", series: "7" };
    const paths = ["../a", "/etc/a", "a/../../b", "a//b", "./a", "", String.raw`..\a`, "C:a"];
    const texts = [
      "",
      "{",
      "null",
      "[]",
      '"text"',
      JSON.stringify({ formatVersion: 4, files: {} }),
      JSON.stringify({ formatVersion: 4, options: "csv", files: { a: { fingerprint: "aa", sizeBytes: 1 } } }),
      JSON.stringify({ formatVersion: 4, options: "csv", files: { a: null } }),
      JSON.stringify({ formatVersion: 4, options: "csv", files: { a: { ...file, days: "19724" } } }),
      JSON.stringify({ formatVersion: 4, options: "csv", files: { a: { ...file, series: "7  8" } } }),
      ...paths.map((path) => JSON.stringify({ formatVersion: 4, options: "csv", files: { [path]: file } })),
    ];
    for (const text of texts) {
      writeFileSync(join(dir.path, STATE_FILE), text);
      expect([text, readState(dir.path)]).toEqual([
        text,
        { kind: "unusable", reason: `${STATE_FILE} is damaged` },
      ]);
    }
  });
});
