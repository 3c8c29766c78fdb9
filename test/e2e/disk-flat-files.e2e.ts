import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expectExit, run } from "../support/binary.ts";
import { DATES, FilledFolder, RANGE } from "../support/filled-folder.ts";
import { runAsOrdinaryUser } from "../support/ordinary-user.ts";

setDefaultTimeout(60_000);

const [SPOILT = "", OTHER = ""] = DATES;
let filled: FilledFolder;

beforeAll(async () => {
  filled = await FilledFolder.make();
});
afterAll(() => filled[Symbol.asyncDispose]());

function pathOf(cwd: string, date: string): string {
  return join(cwd, "data", "flat-files", "indices", `${date}.csv.gz`);
}

function replace(path: string, bytes: Uint8Array): void {
  rmSync(path);
  writeFileSync(path, bytes);
}

/** What happens to a file after it was read, by its name. */
const CASES: readonly [string, (path: string, cwd: string) => void][] = [
  ["cut", (path) => replace(path, readFileSync(path).subarray(0, 50_000))],
  ["emptied", (path) => replace(path, new Uint8Array())],
  ["deleted", (path) => rmSync(path)],
  [
    "edited",
    (path) => replace(path, gzipSync(gunzipSync(readFileSync(path)).toString().replace(/,\d/g, ",9"))),
  ],
  ["the file of another day", (path, cwd) => copyFileSync(pathOf(cwd, OTHER), path)],
  [
    "a link that leads nowhere",
    (path) => {
      rmSync(path);
      symlinkSync("away", path);
    },
  ],
];

describe("a flat file that is spoilt after it was read", () => {
  test.each(CASES)(
    "(%s) is told by verify with 6, takes no bar away, and is fetched again",
    async (_, spoil) => {
      using dir = filled.copy();
      const dataDir = join(dir.path, "data");
      const options = { cwd: dir.path, env: filled.env };
      spoil(pathOf(dir.path, SPOILT), dir.path);
      const verify = await run(["verify", "--files"], { cwd: dir.path });
      expectExit(verify, 6);
      expect(verify.stdout).toContain(`indices ${SPOILT}`);
      const parse = await run(["parse", "--symbols=SPX", ...RANGE], { cwd: dir.path });
      expect([0, 4]).toContain(parse.code ?? 1);
      filled.expectWhole(dataDir);
      // Asked for more of the day, the file has to be read again.
      expectExit(await run(["hybrid", "--symbols=SPX,NDX", ...RANGE], options), 0);
      expectExit(await run(["download", "--dataset=indices", ...RANGE], options), 0);
      expectExit(await run(["verify", "--cache", "--files"], { cwd: dir.path }), 0);
      await filled.expectHeals(dir.path);
    },
  );

  test("(a folder in its place) is told with 4, and removed it is fetched again", async () => {
    using dir = filled.copy();
    const path = pathOf(dir.path, SPOILT);
    rmSync(path);
    mkdirSync(path);
    const more = ["hybrid", "--symbols=SPX,NDX", ...RANGE];
    const options = { cwd: dir.path, env: filled.env };
    const outcome = await run(more, options);
    expectExit(outcome, 4);
    expect(outcome.stderr).not.toContain("bug");
    filled.expectWhole(join(dir.path, "data"));
    rmSync(path, { recursive: true });
    expectExit(await run(more, options), 0);
    await filled.expectHeals(dir.path);
  });

  test("(it may not be read) is told with 4, and read once it may be", async () => {
    using dir = filled.copy();
    const path = pathOf(dir.path, SPOILT);
    chmodSync(path, 0o000);
    const args = ["parse", "--symbols=SPX,NDX", ...RANGE];
    const outcome = await runAsOrdinaryUser(args, { cwd: dir.path });
    expectExit(outcome, 4);
    expect(outcome.stdout + outcome.stderr).toContain("permission denied");
    filled.expectWhole(join(dir.path, "data"));
    chmodSync(path, 0o644);
    expectExit(await run(args, { cwd: dir.path }), 0);
    await filled.expectHeals(dir.path);
  });
});
