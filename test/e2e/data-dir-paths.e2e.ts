import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expectExit, run } from "../support/binary.ts";
import { endOf, FilledFolder, HYBRID, RANGE } from "../support/filled-folder.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

let filled: FilledFolder;

beforeAll(async () => {
  filled = await FilledFolder.make();
});
afterAll(() => filled[Symbol.asyncDispose]());

const NAMES: readonly string[] = [
  "with two  spaces",
  "Bärs – 市场 📈",
  `it's "quoted" and \`ticked\``,
  "100%25 off?mode=memory&cache=shared#part",
  "file:bars?mode=ro",
  ":memory:",
  "back\\slash;semi$HOME*",
  "-dash",
  "two\nlines",
  "not there yet/a/b/c",
  "up/../beside",
  "n".repeat(255),
];

describe("a data directory of any name", () => {
  test.each(NAMES)("%j takes the bars, and nothing lands elsewhere", async (name) => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: filled.env };
    expectExit(await run([...HYBRID, `--data-dir=${name}`], options), 0);
    const [first] = relative(dir.path, join(dir.path, name)).split("/");
    // A folder is not there on the way to another one beside it.
    expect(readdirSync(dir.path).filter((entry) => entry !== "up")).toEqual([first ?? ""]);
    filled.expectWhole(join(dir.path, name));
    for (const command of [
      ["status", ...RANGE],
      ["verify", "--files", "--cache"],
      ["parse", ...RANGE],
    ]) {
      const { code, stderr } = await run([...command, `--data-dir=${name}`], options);
      expect([command[0], code, code === 0 ? "" : stderr]).toEqual([command[0], 0, ""]);
    }
  });
});

describe("a data directory with too long a path", () => {
  test.each([
    ["for the disk", "n".repeat(256)],
    ["for SQLite", Array.from({ length: 6 }, () => "n".repeat(100)).join("/")],
  ])("%s: exit 4, explained", async (_, path) => {
    using dir = tempDir();
    mkdirSync(dirname(join(dir.path, path)), { recursive: true });
    const outcome = await run([...HYBRID, `--data-dir=${path}`], { cwd: dir.path, env: filled.env });
    const [code, error, nextStep] = endOf(outcome);
    expect([code, nextStep]).toEqual([4, "Choose a --data-dir with a shorter path."]);
    expect(error).toMatch(/^lock \S+ for hybrid: the path is too long \(.*\)$/);
  });
});
