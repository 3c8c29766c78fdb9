import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectExit, run } from "../support/binary.ts";
import { endOf, FilledFolder, HYBRID, RANGE } from "../support/filled-folder.ts";
import { filesOf } from "../support/folder.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const CACHE = "data/massive.sqlite";
const SYNC = ["sync", "--database-url=postgres://nobody@127.0.0.1:1/market"];
const COMMANDS: readonly string[][] = [HYBRID, ["status", ...RANGE], ["verify"], ["parse", ...RANGE], SYNC];
const READ_AGAIN = "Move it away and run hybrid again: kept flat files are read again.";
const MOVE = "Move it away or choose another --data-dir.";
const NOT_SQLITE = `use the cache ${CACHE}: the file is not a SQLite database (file is not a database)`;
const DAMAGED = `use the cache ${CACHE}: the file is damaged (database disk image is malformed)`;
const FOREIGN = `open the cache ${CACHE}: it is the database of another program`;
let filled: FilledFolder;

beforeAll(async () => {
  filled = await FilledFolder.make();
});
afterAll(() => filled[Symbol.asyncDispose]());

function overwrite(path: string, from: number, to: number): void {
  writeFileSync(path, readFileSync(path).fill(0xff, from, to));
}

function replaceByDatabase(path: string, sql: string): void {
  rmSync(path);
  using db = new Database(path, { create: true });
  db.run(sql);
}

/** Returns the version that it had. */
function changeVersion(path: string, version: number): number {
  using db = new Database(path);
  const before = db.query<{ user_version: number }, []>("PRAGMA user_version").get();
  db.run(`PRAGMA user_version = ${version}`);
  return before?.user_version ?? 0;
}

/** What happened to the file, the error that every command tells of it, and its next step. */
const CASES: readonly [string, (path: string) => void, error: string, nextStep: string][] = [
  ["a text", (path) => writeFileSync(path, "ticker,close\n".repeat(400)), NOT_SQLITE, READ_AGAIN],
  ["with a damaged header", (path) => overwrite(path, 16, 100), NOT_SQLITE, READ_AGAIN],
  ["with a damaged first page", (path) => overwrite(path, 100, 4096), DAMAGED, READ_AGAIN],
  ["cut in the middle", (path) => truncateSync(path, statSync(path).size >> 1), DAMAGED, READ_AGAIN],
  ["cut to its beginning", (path) => truncateSync(path, 1000), DAMAGED, READ_AGAIN],
  ["another program's", (path) => replaceByDatabase(path, "CREATE TABLE invoices (id)"), FOREIGN, MOVE],
  [
    "another program's, with our number of versions",
    (path) => replaceByDatabase(path, "CREATE TABLE bars (id); PRAGMA user_version = 5"),
    FOREIGN,
    MOVE,
  ],
  [
    "a folder",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    `use the cache ${CACHE}: there is a folder where the file massive.sqlite should be (unable to open database file)`,
    "Move the folder away or choose another --data-dir.",
  ],
];

describe("a cache file", () => {
  test.each(CASES)(
    "(%s): exit 4 of every command, it stays as it is, and moved away it is made anew from the kept files",
    async (_, spoil, error, nextStep) => {
      using dir = filled.copy();
      const path = join(dir.path, CACHE);
      spoil(path);
      const before = contents(dir.path);
      for (const command of COMMANDS) {
        const outcome = await run(command, { cwd: dir.path, env: filled.env });
        expect([command, ...endOf(outcome)]).toEqual([command, 4, error, nextStep]);
        expect(contents(dir.path)).toEqual(before);
      }
      renameSync(path, join(dir.path, "moved-away"));
      filled.sandbox.clearRequests();
      await filled.expectHeals(dir.path);
      expectNothingFetched();
    },
  );

  test("from a newer version: exit 4 of every command, it stays as it is, and the newer version goes on", async () => {
    using dir = filled.copy();
    const path = join(dir.path, CACHE);
    const ours = changeVersion(path, 99);
    for (const command of COMMANDS) {
      const outcome = await run(command, { cwd: dir.path, env: filled.env });
      expect([command, ...endOf(outcome)]).toEqual([
        command,
        4,
        `open the cache ${CACHE}: it was written by a newer version of massive-backfill (format 99, this one knows ${ours})`,
        "Use the newer version, or another --data-dir.",
      ]);
    }
    changeVersion(path, ours);
    filled.expectWhole(join(dir.path, "data"));
    await filled.expectHeals(dir.path);
  });

  test.each([
    ["empty", (path: string) => writeFileSync(path, "")],
    ["gone, and its log is left", leaveLog],
  ])("that is %s is made anew from the kept files by the next run", async (_, spoil) => {
    using dir = filled.copy();
    spoil(join(dir.path, CACHE));
    filled.sandbox.clearRequests();
    await filled.expectHeals(dir.path);
    expectNothingFetched();
  });

  // SQLite takes any log that lies beside its file for that file's own.
  test("that has got the log of another one is told by verify, and moved away it is made anew", async () => {
    using dir = filled.copy();
    using other = tempDir();
    const options = { cwd: other.path, env: filled.env };
    expectExit(await run(["hybrid", "--symbols=VIX,NDX", ...RANGE], options), 0);
    leaveLog(join(other.path, CACHE));
    renameSync(join(other.path, `${CACHE}-wal`), join(dir.path, `${CACHE}-wal`));
    const verify = await run(["verify", "--cache", "--files"], { cwd: dir.path });
    expect([4, 6]).toContain(verify.code ?? 0);
    expect(verify.stderr).not.toContain("bug");
    renameSync(join(dir.path, CACHE), join(dir.path, "moved-away"));
    filled.sandbox.clearRequests();
    await filled.expectHeals(dir.path);
    expectNothingFetched();
  });
});

/** All but the lock, which says who had it last, and what SQLite keeps while a file is open. */
function contents(cwd: string): Record<string, string> {
  const files = Object.entries(filesOf(join(cwd, "data")));
  return Object.fromEntries(files.filter(([name]) => !/\.lock|-wal$|-shm$/.test(name)));
}

function expectNothingFetched(): void {
  const fetched = filled.sandbox.requests.filter(
    ({ path, range }) => path.endsWith(".gz") && range !== "bytes=0-0",
  );
  expect(fetched).toEqual([]);
}

/** As a crash leaves it: committed pages in the log. The cache itself is removed. */
function leaveLog(path: string): void {
  const db = new Database(path);
  db.run("PRAGMA wal_autocheckpoint = 0");
  db.run("DELETE FROM bars");
  const log = readFileSync(`${path}-wal`);
  db.close();
  rmSync(path);
  writeFileSync(`${path}-wal`, log);
}
