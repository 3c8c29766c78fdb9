import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { commandLine, environmentFor, expectExit, run, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { hostileVendor, s3Error } from "../support/hostile-vendor.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { assertNoSecrets, secretsOf } from "../support/secrets.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TO, TODAY] = ["2024-11-18", "2024-11-21", "2024-11-22"];
const HYBRID = ["hybrid", "--symbols=SPX", `--from=${FROM}`, `--to=${TO}`, `--today=${TODAY}`];
let sandbox: Sandbox;
let postgres: TestPostgres;
let filled: TempDir;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
  filled = tempDir();
  expectExit(await run(HYBRID, { cwd: filled.path, env: sandbox.environment }), 0);
});
afterAll(async () => {
  filled[Symbol.dispose]();
  await Promise.all([sandbox.stop(), postgres.remove()]);
});

function filledDir(): TempDir {
  const dir = tempDir();
  cpSync(join(filled.path, "data"), join(dir.path, "data"), { recursive: true });
  return dir;
}

function expectTruth(dataDir: string): void {
  const truth = truthOf(sandbox, "SPX", sessionDates("SPX", FROM, TO));
  expect(differences(cachedBars(dataDir), truth)).toEqual([]);
}

/** One sentence, one next step, one page of help; nothing that looks like a crash. */
function expectSentence({ stderr }: Outcome, words: RegExp, page: string): void {
  const [, sentence = ""] =
    new RegExp(`\\[error\\] (.+)\\n {2}→ .+\\n {2}More: massive-backfill help ${page}\\n$`).exec(stderr) ??
    [];
  expect(sentence === "" ? stderr : sentence).toMatch(words);
  expect(stderr).not.toMatch(/This is a bug|^\s+at /m);
}

describe("a data directory whose name is unusual", () => {
  test.each([
    ["with spaces and other alphabets", "my bars/Börse 中 😀"],
    ["with marks of URLs and SQLite", "a?mode=memory#b%20c&d"],
    ["with quotes and shell marks", `it's "$HOME"; x`],
    ["as long as file systems allow", "n".repeat(200)],
  ])("%s works in every command", async (_, name) => {
    using dir = tempDir();
    const url = await newDatabase(postgres, `dir_${Bun.hash(name).toString(36)}`);
    const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
    expectExit(await run([...HYBRID, `--data-dir=${name}`], options), 0);
    expectTruth(join(dir.path, name));
    expect(differences(await storedBars(url), cachedBars(join(dir.path, name)))).toEqual([]);
    for (const command of [
      ["status"],
      ["verify", "--cache", "--files", "--target"],
      ["prune", "--dry-run"],
      ["doctor"],
      ["sync"],
    ])
      expectExit(
        await run(
          [...command, `--data-dir=${name}`, ...(command[0] === "sync" ? [] : [`--today=${TODAY}`])],
          options,
        ),
        0,
      );
  });
});

describe("a cache file", () => {
  const spoiled: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ["that is a text", (path) => writeFileSync(path, "bars\n".repeat(999)), /not a SQLite database/],
    [
      "that is cut in the middle",
      (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
      /damaged/,
    ],
    [
      "with a damaged head",
      (path) => writeFileSync(path, readFileSync(path).fill(0xff, 0, 200)),
      /not a SQLite database/,
    ],
    [
      "of a newer version",
      (path) => {
        using db = new Database(path);
        db.run("PRAGMA user_version = 999");
      },
      /written by a newer version of massive-backfill \(format 999/,
    ],
  ];

  test.each(spoiled)(
    "%s is told, stays as it is, and a run on a new one brings all of it back",
    async (_, spoil, words) => {
      using dir = filledDir();
      const path = join(dir.path, "data", "massive.sqlite");
      spoil(path);
      const before = Bun.hash(readFileSync(path));
      const options = { cwd: dir.path, env: sandbox.environment };
      for (const command of [
        HYBRID,
        ["status"],
        ["sync", "--database-url=postgres://127.0.0.1:1/x"],
        ["prune"],
      ]) {
        const outcome = await run(command, options);
        expectExit(outcome, 4);
        expectSentence(outcome, words, "cache");
      }
      expect(Bun.hash(readFileSync(path))).toBe(before);
      // What the page of help says: move it away; the kept flat files are read again, not fetched.
      mkdirSync(join(dir.path, "away"));
      for (const name of Object.keys(filesOf(join(dir.path, "data"))).filter((one) =>
        one.startsWith("massive.sqlite"),
      ))
        cpSync(join(dir.path, "data", name), join(dir.path, "away", name));
      for (const name of ["massive.sqlite", "massive.sqlite-wal", "massive.sqlite-shm"])
        await Bun.file(join(dir.path, "data", name))
          .delete()
          .catch(() => {});
      const again = await run([...HYBRID, "--json"], options);
      expectExit(again, 0);
      expect(again.json()["files"]).toMatchObject({ downloaded: 0, reused: 4 });
      expectTruth(join(dir.path, "data"));
    },
  );
});

describe("a data directory that may not be written to", () => {
  test("because its disk is read-only: every writing command says so, and nothing changes", async () => {
    using dir = tempDir();
    using disk = smallDisk(join(dir.path, "data"), 80_000_000);
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(HYBRID, options), 0);
    const before = filesOf(disk.path);
    Bun.spawnSync(["mount", "-o", "remount,ro", disk.path]);
    for (const command of [
      [...HYBRID, "--symbols=NDX"].filter((flag) => flag !== "--symbols=SPX"),
      ["prune"],
      ["parse", "--symbols=SPX"],
    ]) {
      const outcome = await run(command, options);
      expectExit(outcome, 4);
      expectSentence(outcome, /read-only|cannot be opened/, "cache");
    }
    const doctor = await run(["doctor", `--today=${TODAY}`], options);
    expectExit(doctor, 3);
    expect(doctor.stdout).toMatch(/✖ data directory: .*read-only/);
    expect(filesOf(disk.path)).toEqual(before);
    Bun.spawnSync(["mount", "-o", "remount,rw", disk.path]);
    expectExit(await run(HYBRID, options), 0);
    expectTruth(disk.path);
  });

  test("because it is somebody else's: permission denied is told with the next step", async () => {
    using dir = filledDir();
    chmodSync(dir.path, 0o755);
    chmodSync(join(dir.path, "data"), 0o500);
    chownSync(join(dir.path, "data"), 0, 0);
    const nobody = 65_534;
    for (const command of [HYBRID, ["prune"], ["status"]]) {
      const env = sandbox.environment;
      const child = Bun.spawn(
        ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", ...commandLine(command)],
        {
          cwd: dir.path,
          env: environmentFor({ cwd: dir.path, env }),
          stdout: "pipe",
          stderr: "pipe",
          timeout: 30_000,
        },
      );
      const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      assertNoSecrets(secretsOf(command, { cwd: dir.path, env }), { stdout, stderr }, dir.path);
      expect(await child.exited).toBe(4);
      expect(stderr).toMatch(
        /\[error\] .*(?:permission denied|cannot be opened).*\n {2}→ .+\n {2}More: massive-backfill help cache\n$/,
      );
    }
    chmodSync(join(dir.path, "data"), 0o755);
    expectTruth(join(dir.path, "data"));
  });
});

test("a clock that is a day off is explained: exit 3, with the page about it", async () => {
  using dir = filledDir();
  await using vendor = hostileVendor(() =>
    s3Error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    ),
  );
  const command = [...HYBRID, "--symbols=NDX"].filter((flag) => flag !== "--symbols=SPX");
  const outcome = await run(command, { cwd: dir.path, env: vendor.env });
  expectExit(outcome, 3);
  expectSentence(outcome, /this computer's clock is more than 15 minutes off/, "clock");
  expectTruth(join(dir.path, "data"));
});
