import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { contentsOf, filesOf } from "../support/folder.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const RANGE = ["--from=2024-11-21", `--to=${TODAY}`, `--today=${TODAY}`];
const FIXTURE = join(import.meta.dir, "..", "fixtures", "csv", "indices-2023-03-28.csv");
let sandbox: Sandbox;
let filled: TempDir;

// A cache with a day of SPX from a flat file and one from the API, for all tests to start from.
beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
  filled = tempDir();
  const options = { cwd: filled.path, env: sandbox.environment };
  expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
});
afterAll(async () => {
  filled[Symbol.dispose]();
  await sandbox.stop();
});

function filledDir(): TempDir {
  const dir = tempDir();
  cpSync(join(filled.path, "data"), join(dir.path, "data"), { recursive: true });
  return dir;
}

describe("a file to parse", () => {
  const text = readFileSync(FIXTURE);
  const cases: readonly [string, Uint8Array, RegExp][] = [
    [
      "whose gzip is cut",
      gzipSync(text).subarray(0, 200),
      /^read \.\/2023-03-28\.csv\.gz: the gzip file is cut or corrupt \(.*\)$/,
    ],
    [
      "whose gzip is corrupt",
      corrupted(gzipSync(text)),
      /^read \.\/2023-03-28\.csv\.gz: the gzip file is cut or corrupt \(.*\)$/,
    ],
    [
      "with another header",
      gzipSync("date,close\n2023-03-28,1\n"),
      /^read \.\/2023-03-28\.csv\.gz: .*header.*$/,
    ],
    ["that is empty", new Uint8Array(0), /^read \.\/2023-03-28\.csv\.gz: .*$/],
    [
      "that is a web page",
      gzipSync("<html><body>502</body></html>\n"),
      /^read \.\/2023-03-28\.csv\.gz: .*header.*$/,
    ],
    [
      "with too many bad rows",
      gzipSync(text.toString().replaceAll(/,(\d{19})$/gm, ",-68400000000000")),
      /^read \.\/2023-03-28\.csv\.gz: .* rows are bad \(\d+ × not a stamp\), first: .*$/,
    ],
  ];

  test.each(cases)("%s: exit 4, nothing of it is kept", async (_, bytes, words) => {
    using dir = filledDir();
    writeFileSync(join(dir.path, "2023-03-28.csv.gz"), bytes);
    await expectParseRefusal(dir.path, words);
  });
});

async function expectParseRefusal(cwd: string, words: RegExp): Promise<void> {
  for (const symbols of ["--symbols=I:SPX,I:AAVE100", "--symbols=*"]) {
    const before = contentsOf(join(cwd, "data"));
    const command = ["parse", "--file=./2023-03-28.csv.gz", "--dataset=indices", symbols];
    const plain = await run(command, { cwd });
    expectExit(plain, 4);
    const [error, hint] = plain.stderr.trimEnd().split("\n  → ");
    expect(error?.replace("[error] ", "")).toMatch(words);
    expect(hint).toMatch(/\S+/);
    const json = await run([...command, "--json"], { cwd });
    expectExit(json, 4);
    expect(json.json()).toMatchObject({ command: "parse", error: { kind: "data" } });
    expect(contentsOf(join(cwd, "data"))).toEqual(before);
  }
}

function corrupted(bytes: Uint8Array): Uint8Array {
  const middle = bytes.length >> 1;
  return bytes.map((byte, index) => (index >= middle && index < middle + 8 ? byte ^ 0xff : byte));
}

describe("the data directory", () => {
  test("that another run is at work in: exit 7, it is named; status works", async () => {
    using dir = filledDir();
    await using slow = await lookAlike(TODAY);
    slow.sandbox.faults.add({ match: /list-type=2/, fault: { kind: "stall" } });
    const options = { cwd: dir.path, env: slow.sandbox.environment };
    const holder = start(["hybrid", "--symbols=SPX,NDX", ...RANGE], options);
    while (slow.sandbox.requests.length === 0) await Bun.sleep(5);

    const second = await run(["hybrid", "--symbols=SPX", ...RANGE], options);
    expectExit(second, 7);
    expect(second.stderr).toMatch(
      new RegExp(
        `^\\[error\\] lock ./data for hybrid: another run is at work there \\(hybrid, process ${holder.pid}, since \\d{4}-.*Z\\)\n  → Wait until it is done, or use another --data-dir.\n  More: massive-backfill help locked\n$`,
      ),
    );
    expect(
      (await run(["sync", "--json", "--database-url=postgres://nobody@127.0.0.1:1/market"], options)).json(),
    ).toMatchObject({ error: { kind: "locked" } });
    expectExit(await run(["status", ...RANGE], options), 0);
    holder.signal("SIGINT");
    expectExit(await holder.ended, 130);
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
  });

  test.each([
    ["in a file", "occupied/data"],
    ["on a device of the system", "/proc/massive-backfill"],
  ])("%s: exit 4, explained", async (_, dataDir) => {
    using dir = tempDir();
    writeFileSync(join(dir.path, "occupied"), "");
    const command = ["hybrid", "--symbols=SPX", ...RANGE, `--data-dir=${dataDir}`];
    const outcome = await run([...command, "--json"], { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 4);
    expect(outcome.json()).toMatchObject({
      error: { kind: "cache", reason: expect.not.stringContaining("bug") },
    });
    expect(Object.keys(filesOf(dir.path))).toEqual(["occupied"]);
  });

  test("whose cache file is no database: exit 4, and the file stays as it is", async () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "data"));
    writeFileSync(join(dir.path, "data", "massive.sqlite"), "this is no database\n".repeat(100));
    const outcome = await run(["hybrid", "--symbols=SPX", ...RANGE], {
      cwd: dir.path,
      env: sandbox.environment,
    });
    expectExit(outcome, 4);
    expect(outcome.stderr).toContain("the file is not a SQLite database");
    expect(readFileSync(join(dir.path, "data", "massive.sqlite"), "utf8")).toStartWith(
      "this is no database\n",
    );
  });
});
