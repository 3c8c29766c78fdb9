import { describe, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readState, saveState, STATE_FILE } from "../../../src/workflows/export/state.ts";
import { tempDir } from "../../support/temp-dir.ts";

const FILES = new Map([
  ["timeframe=1m/symbol=SPX/year=2024/bars.parquet", { fingerprint: "aa", sizeBytes: 12 }],
  ["a.csv", { fingerprint: "bb", sizeBytes: 0 }],
]);

describe("the account of an export", () => {
  test("is what was saved, and nothing else lies beside it", () => {
    using dir = tempDir();
    expect(readState(dir.path, "parquet (zstd)")).toEqual({ kind: "none" });
    saveState(dir.path, "parquet (zstd)", FILES);
    expect(readState(dir.path, "parquet (zstd)")).toEqual({ kind: "files", files: FILES });
    expect(readdirSync(dir.path)).toEqual([STATE_FILE]);
  });

  test("is not relied on where it is of other options or another version", () => {
    using dir = tempDir();
    saveState(dir.path, "csv", FILES);
    expect(readState(dir.path, "jsonl")).toEqual({
      kind: "unusable",
      reason: "the files there are csv, now jsonl is asked for",
    });
    writeFileSync(
      join(dir.path, STATE_FILE),
      JSON.stringify({ formatVersion: 2, options: "csv", files: {} }),
    );
    expect(readState(dir.path, "csv")).toEqual({
      kind: "unusable",
      reason: `${STATE_FILE} is of another version of this program`,
    });
  });

  test("is damaged where it is no such thing, or leads out of its folder", () => {
    using dir = tempDir();
    const file = { fingerprint: "aa", sizeBytes: 1 };
    const paths = ["../a", "/etc/a", "a/../../b", "a//b", "./a", "", String.raw`..\a`, "C:a"];
    const texts = [
      "",
      "{",
      "null",
      "[]",
      '"text"',
      JSON.stringify({ formatVersion: 1, files: {} }),
      JSON.stringify({ formatVersion: 1, options: "csv", files: { a: { fingerprint: 1, sizeBytes: 1 } } }),
      JSON.stringify({ formatVersion: 1, options: "csv", files: { a: null } }),
      ...paths.map((path) => JSON.stringify({ formatVersion: 1, options: "csv", files: { [path]: file } })),
    ];
    for (const text of texts) {
      writeFileSync(join(dir.path, STATE_FILE), text);
      expect([text, readState(dir.path, "csv")]).toEqual([
        text,
        { kind: "unusable", reason: `${STATE_FILE} is damaged` },
      ]);
    }
  });
});
