import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { holdLock } from "../support/lock-holder.ts";
import { runAsOrdinaryUser } from "../support/ordinary-user.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-11", "2024-11-22"];
/** The files that are published by the evening of that Friday. */
const DATES = sessionDates("SPX", FROM, "2024-11-21");
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

/** A folder that a backfill has filled. */
async function filled(): Promise<TempDir> {
  const dir = tempDir();
  expectExit(await backfill(dir), 0);
  return dir;
}

function backfill(dir: TempDir, symbols = "SPX"): Promise<Outcome> {
  const range = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
  return run(["hybrid", `--symbols=${symbols}`, ...range, "--json"], {
    cwd: dir.path,
    env: sandbox.environment,
  });
}

function prune(dir: TempDir, ...flags: readonly string[]): Promise<Outcome> {
  return run(["prune", `--today=${TODAY}`, ...flags], { cwd: dir.path });
}

function pathOf(dir: TempDir, date: string): string {
  return join(dir.path, "data/flat-files/indices", `${date}.csv.gz`);
}

/** The dates whose flat files are there. */
function filesLeft(dir: TempDir): string[] {
  return Object.keys(filesOf(join(dir.path, "data/flat-files")))
    .filter((name) => name.endsWith(".csv.gz"))
    .map((name) => name.slice("indices/".length, -".csv.gz".length))
    .toSorted();
}

describe("prune", () => {
  test("deletes what is read, says what it freed, and nothing is fetched again", async () => {
    using dir = await filled();
    const preview = await prune(dir, "--dry-run");
    expectExit(preview, 0);
    expect(preview.stdout).toMatch(
      /^Would delete 9 flat files, [\d.]+ [kM]B \(nothing was done\):\n {2}indices 2024-11-11 to 2024-11-21: 9 files, /,
    );
    expect(filesLeft(dir)).toEqual(DATES);

    const outcome = await prune(dir, "--json");
    expectExit(outcome, 0);
    const result = outcome.json();
    expect(result).toMatchObject({
      command: "prune",
      dryRun: false,
      freed: { files: 9, bytes: expect.any(Number) },
      kept: { files: 0, bytes: 0 },
      keptFiles: [],
    });
    expect(filesLeft(dir)).toEqual([]);
    expect(
      differences(
        cachedBars(join(dir.path, "data")),
        truthOf(sandbox, "SPX", sessionDates("SPX", FROM, TODAY)),
      ),
    ).toEqual([]);

    const again = await backfill(dir);
    expectExit(again, 0);
    expect(again.json()["files"]).toEqual({ downloaded: 0, reused: 0, bytes: 0 });
    const empty = await prune(dir);
    expect([empty.code, empty.stdout]).toEqual([0, "Nothing to delete.\n"]);
    const status = await run(["status", "--json", `--today=${TODAY}`], { cwd: dir.path });
    expect(status.json()).toMatchObject({ flatFiles: { files: 0, bytes: 0 }, gaps: 0 });
  });

  test("keeps the last days with --keep-days and the youngest with --max-size", async () => {
    using dir = await filled();
    expectExit(await prune(dir, "--keep-days=4"), 0);
    expect(filesLeft(dir)).toEqual(["2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21"]);
    const bytes = ["2024-11-20", "2024-11-21"].reduce(
      (sum, date) => sum + Bun.file(pathOf(dir, date)).size,
      0,
    );
    const kept = await prune(dir, `--max-size=${bytes}B`);
    expectExit(kept, 0);
    expect(filesLeft(dir)).toEqual(["2024-11-20", "2024-11-21"]);
    expect(kept.stdout).toMatch(/\nKept 2 flat files, .*:\n {2}2 files, .*: within --max-size\n$/);
  });

  test("keeps what is not read, was changed, or came from elsewhere, unless it is forced", async () => {
    using dir = await filled();
    // A second symbol that has one of the days by API alone, a file that grew, and one that nobody knows.
    const api = ["api", "--symbols=NDX", "--from=2024-11-20", "--to=2024-11-20", `--today=${TODAY}`];
    expectExit(await run(api, { cwd: dir.path, env: sandbox.environment }), 0);
    appendFileSync(pathOf(dir, "2024-11-19"), "more");
    copyFileSync(pathOf(dir, "2024-11-12"), pathOf(dir, "2024-10-01"));
    const outcome = await prune(dir);
    expectExit(outcome, 0);
    expect(filesLeft(dir)).toEqual(["2024-10-01", "2024-11-19", "2024-11-20"]);
    for (const reason of [
      "not read yet: `hybrid` or `parse` reads them",
      "not in the cache: `parse` reads them",
      "not as they were downloaded: `verify --files` tells more",
    ])
      expect(outcome.stdout).toMatch(new RegExp(`\\n {2}1 file, .*: ${reason}\\n`));
    expectExit(await prune(dir, "--force"), 0);
    expect(filesLeft(dir)).toEqual([]);
  });

  test("keeps what the database lacks until it is synced", async () => {
    using dir = await filled();
    const database = `--database-url=${postgres.url}`;
    const kept = await prune(dir, database, "--max-size=1kB");
    expectExit(kept, 0);
    expect(kept.stdout).toMatch(
      /^Nothing to delete.\nKept 9 flat files, .*:\n {2}9 files, .*: not synced to Postgres yet: `sync` brings them\nThat is still .* more than --max-size \(--force deletes what is needed too\)\.\n$/,
    );
    expectExit(await run(["sync", database], { cwd: dir.path }), 0);
    expectExit(await prune(dir, database), 0);
    expect(filesLeft(dir)).toEqual([]);
  });

  test("goes on after a file that it may not delete, and tells of it with exit code 4", async () => {
    using dir = await filled();
    const crypto = join(dir.path, "data/flat-files/crypto");
    mkdirSync(crypto);
    copyFileSync(pathOf(dir, "2024-11-12"), join(crypto, "2024-11-12.csv.gz"));
    const indices = join(dir.path, "data/flat-files/indices");
    chmodSync(indices, 0o555);
    const command = ["prune", `--today=${TODAY}`, "--force"];
    const outcome = await runAsOrdinaryUser([...command, "--json"], { cwd: dir.path });
    const told = await runAsOrdinaryUser(command, { cwd: dir.path });
    chmodSync(indices, 0o755);
    expectExit(outcome, 4);
    expect(outcome.json()).toMatchObject({
      freed: { files: 1 },
      failures: DATES.map((date) => ({
        dataset: "indices",
        date,
        hint: expect.stringContaining("Give yourself"),
      })),
    });
    expectExit(told, 4);
    expect(told.stdout).toMatch(
      /^Nothing was deleted\.\n✖ delete data\/flat-files\/indices\/2024-11-11\.csv\.gz: permission denied\n {2}→ Give yourself write/,
    );
    expect(told.stdout).toEndWith("  … and 6 more that could not be deleted (all with --json)\n");
    expect(filesLeft(dir)).toEqual(DATES);
  });

  test("waits for no run that is at work: exit code 7, and its preview works beside it", async () => {
    using dir = await filled();
    await using holder = await holdLock(join(dir.path, "data"), "hybrid");
    const refused = await prune(dir);
    expectExit(refused, 7);
    expect(refused.stderr).toContain(`(hybrid, process ${holder.pid}, since `);
    expectExit(await prune(dir, "--dry-run"), 0);
    expect(filesLeft(dir)).toEqual(DATES);
  });

  test.each([
    [["--max-size=20Gb"], 'read --max-size: "20Gb" is not a size'],
    [["--keep-days=soon"], 'read --keep-days: "soon" is not a whole number up to 20000'],
    [["--data-dir=elsewhere"], "prune elsewhere: nothing is cached there"],
  ])("says what is wrong with %j, and deletes nothing", async (flags, message) => {
    using dir = tempDir();
    const outcome = await prune(dir, ...flags);
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain(message);
    expect(filesOf(dir.path)).toEqual({});
  });
});
