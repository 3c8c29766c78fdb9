import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bar } from "../../src/core/bar.ts";
import { barLine, differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, cachedDays, manifestOf } from "../support/cache-contents.ts";
import { expectRefusal } from "../support/refusal.ts";
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

/** A folder with a cached day of two indices, and the header and rows of the file it is from. */
async function filledFolder() {
  const dir = tempDir();
  const [header = "", ...rows] = readFileSync(join(FIXTURES, "indices-2023-03-28.csv"), "utf8")
    .trimEnd()
    .split("\n");
  const tickers = [...new Set(rows.map((row) => row.split(",")[0] ?? ""))];
  writeFileSync(join(dir.path, "2023-03-28.csv"), `${[header, ...rows].join("\n")}\n`);
  const all = ["parse", "--file=2023-03-28.csv", "--dataset=indices", `--symbols=${tickers.join(",")}`];
  expectExit(await run(all, { cwd: dir.path }), 0);
  return { dir, header, rows, tickers };
}

describe("a named file", () => {
  test("that lacks tickers is no proof that they have no bars: they stay as they are", async () => {
    const { dir: folder, header, rows, tickers } = await filledFolder();
    using dir = folder;
    const dataDir = join(dir.path, "data");
    expect(tickers.length).toBeGreaterThan(1);
    const [bars, days] = [cachedBars(dataDir), cachedDays(dataDir)];
    const part = rows.filter((row) => row.startsWith(`${tickers[0]},`));
    writeFileSync(join(dir.path, "part.csv"), `${[header, ...part].join("\n")}\n`);

    const command = ["parse", "--file=part.csv", "--date=2023-03-28", "--dataset=indices"];
    const outcome = await run([...command, `--symbols=${tickers.join(",")},I:NOSUCH`, "--json"], {
      cwd: dir.path,
    });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ bars: { batches: 1, removed: 0 } });
    expect(differences(cachedBars(dataDir), bars)).toEqual([]);
    expect(cachedDays(dataDir)).toEqual(days);
  });

  test.each([
    [
      "has none of those asked for",
      ["--dataset=indices", "--symbols=I:NOSUCH"],
      "it has no bars of I:NOSUCH (indices)",
      "Nothing was changed. Check --symbols and --dataset; tickers are case-sensitive.",
    ],
    [
      "is of another dataset, of which all is asked for",
      ["--dataset=stocks", "--symbols=*"],
      "it holds I:AAVE100, which is no ticker of stocks",
      "Nothing was changed. Check --dataset.",
    ],
  ])("that %s: exit 4, nothing is changed", async (_, flags, reason, nextStep) => {
    const { dir: folder } = await filledFolder();
    using dir = folder;
    const told = { code: 4, kind: "data", operation: "read 2023-03-28.csv", reason, nextStep };
    await expectRefusal(dir.path, ["parse", "--file=2023-03-28.csv", ...flags], {}, told);
  });

  test("is found under the name that it has unpacked, too", async () => {
    using dir = tempDir();
    const sample = sampleOf("indices-2023-03-28");
    const text = readFileSync(join(FIXTURES, "indices-2023-03-28.csv"));
    writeFileSync(join(dir.path, "2023-03-28.csv.gz"), gzipSync(text));
    const command = ["parse", "--file=./2023-03-28.csv", "--dataset=indices"];
    const outcome = await run([...command, `--symbols=${sample.wanted.join(",")}`, "--json"], {
      cwd: dir.path,
    });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ path: "./2023-03-28.csv.gz" });
    expect(differences(cachedBars(join(dir.path, "data")), linesOf(sample))).toEqual([]);
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
