import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bar } from "../../src/core/bar.ts";
import { barLine, differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, manifestOf } from "../support/cache-contents.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const FIXTURES = join(import.meta.dir, "..", "fixtures", "csv");

/** The bars that a sample file holds, beside it as JSON. */
interface Sample {
  readonly date: string;
  readonly wanted: readonly string[];
  readonly blocks: readonly { readonly ticker: string; readonly bars: readonly Bar[] }[];
}

function sampleOf(name: string): Sample {
  return JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), "utf8"));
}

function linesOf({ blocks }: Sample): string[] {
  return blocks.flatMap(({ ticker, bars }) =>
    bars.map((bar) => barLine(ticker.replace(/^I:/, ""), "1m", bar)),
  );
}

describe("parse --file reads exactly the numbers of", () => {
  test.each([
    ["indices-2023-03-28", "indices"],
    ["stocks-2025-04-16", "stocks"],
    ["stocks-2026-05-22", "stocks"],
    ["options-2025-09-18", "options"],
    ["guide-2024-11-23", "indices"],
  ])("%s, as .csv and as .csv.gz", async (name, dataset) => {
    const sample = sampleOf(name);
    const truth = linesOf(sample);
    const flags = [`--dataset=${dataset}`, `--symbols=${sample.wanted.join(",")}`];
    using plain = tempDir();
    cpSync(join(FIXTURES, `${name}.csv`), join(plain.path, `${sample.date}.csv`));
    const fromText = await run(["parse", `--file=./${sample.date}.csv`, ...flags, "--json"], {
      cwd: plain.path,
    });
    expectExit(fromText, 0);
    expect(fromText.json()).toMatchObject({
      schemaVersion: 1,
      command: "parse",
      path: `./${sample.date}.csv`,
      dataset,
      date: sample.date,
      bars: {
        batches: sample.wanted.length,
        bars: truth.length,
        added: truth.length,
        changed: 0,
        removed: 0,
      },
      rows: { bars: truth.length, rejectedRows: 0 },
    });
    expect(differences(cachedBars(join(plain.path, "data")), truth)).toEqual([]);

    using packed = tempDir();
    writeFileSync(
      join(packed.path, "some-name.csv.gz"),
      gzipSync(readFileSync(join(FIXTURES, `${name}.csv`))),
    );
    const file = ["parse", "--file", "some-name.csv.gz", `--date=${sample.date}`];
    expectExit(await run([...file, ...flags], { cwd: packed.path }), 0);
    expect(differences(cachedBars(join(packed.path, "data")), truth)).toEqual([]);
  });

  test("indices-2023-03-28 for every ticker, and a second time changes nothing", async () => {
    using dir = tempDir();
    const path = join(FIXTURES, "indices-2023-03-28.csv");
    const command = ["parse", `--file=${path}`, "--dataset=indices", "--symbols=*"];
    expectExit(await run(command, { cwd: dir.path }), 0);
    const text = readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
    expect(cachedBars(join(dir.path, "data"))).toHaveLength(text.length);
    const manifest = manifestOf(join(dir.path, "data"));
    const again = await run([...command, "--json"], { cwd: dir.path });
    expectExit(again, 0);
    expect(again.json()).toMatchObject({ bars: { added: 0, changed: 0, removed: 0 } });
    expect(manifestOf(join(dir.path, "data"))["batches"]).toEqual(
      (manifest["batches"] ?? []).map((row) => ({ ...Object(row), read_at_ms: expect.any(Number) })),
    );
  });
});

describe("parse of what was downloaded", () => {
  test("reads a whole folder once", async () => {
    using dir = tempDir();
    const folder = join(dir.path, "data", "flat-files", "indices");
    const sample = sampleOf("indices-2023-03-28");
    cpSync(join(FIXTURES, "indices-2023-03-28.csv"), join(dir.path, "unpacked.csv"));
    await Bun.write(
      join(folder, "2023-03-28.csv.gz"),
      gzipSync(readFileSync(join(FIXTURES, "indices-2023-03-28.csv"))),
    );
    const command = ["parse", `--symbols=${sample.wanted.join(",")}`, "--json"];
    const first = await run(command, { cwd: dir.path });
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ days: { flatfile: 1, skipped: 0, failed: 0 } });
    expect(differences(cachedBars(join(dir.path, "data")), linesOf(sample))).toEqual([]);
    const second = await run(command, { cwd: dir.path });
    expectExit(second, 0);
    expect(second.json()).toMatchObject({ days: { flatfile: 0, skipped: 1, failed: 0 } });
  });
});
