import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectExit, run, start } from "../support/binary.ts";
import { endOf, FilledFolder, HYBRID } from "../support/filled-folder.ts";
import { lookAlike } from "../support/truth.ts";

setDefaultTimeout(60_000);

const SYNC = ["sync", "--database-url=postgres://nobody@127.0.0.1:1/market"];
const WRITERS = [
  HYBRID,
  ["download", "--dataset=indices", "--days=1"],
  ["parse"],
  ["api", "--symbols=SPX", "--days=1"],
  ["verify", "--files", "--repair"],
  SYNC,
];
let filled: FilledFolder;

beforeAll(async () => {
  filled = await FilledFolder.make();
});
afterAll(() => filled[Symbol.asyncDispose]());

function setHolder(path: string, pid: number): void {
  using db = new Database(path);
  db.run("UPDATE holder SET pid = ?, command = 'hybrid on another-host', since = '2001-01-01T00:00:00Z'", [
    pid,
  ]);
}

const STALE: readonly [string, (path: string) => void][] = [
  ["of a process that is no more", (path) => setHolder(path, 2 ** 22 + 1)],
  ["of a process that is another program by now, or on another machine", (path) => setHolder(path, 1)],
  ["that is empty", (path) => writeFileSync(path, "")],
  ["that is cut", (path) => truncateSync(path, 100)],
  ["that is a text", (path) => writeFileSync(path, "4711\n".repeat(1000))],
  [
    "with other tables",
    (path) => {
      using db = new Database(path);
      db.run("ALTER TABLE holder RENAME TO owner");
      db.run("CREATE TABLE holder (host)");
    },
  ],
];

describe("a lock file", () => {
  test.each(STALE)("%s holds nobody up, and locks again", async (_, spoil) => {
    using dir = filled.copy();
    const path = join(dir.path, "data", "massive.lock");
    spoil(path);
    await filled.expectHeals(dir.path);
    using db = new Database(path);
    expect(db.query("SELECT command FROM holder").all()).toEqual([{ command: "hybrid" }]);
  });

  test("of a run that was killed holds nobody up", async () => {
    using dir = filled.copy();
    await using slow = await stalled();
    const killed = start(HYBRID, { cwd: dir.path, env: slow.sandbox.environment });
    await slow.asked();
    killed.signal("SIGKILL");
    expect((await killed.ended).code).toBeNull();
    await filled.expectHeals(dir.path);
  });
});

test("while a run is at work every command that writes ends with 7 and names it; nothing is lost", async () => {
  using dir = filled.copy();
  await using slow = await stalled();
  const holder = start(HYBRID, { cwd: dir.path, env: slow.sandbox.environment });
  await slow.asked();
  for (const command of WRITERS) {
    const [code, error, nextStep] = endOf(await run(command, { cwd: dir.path, env: filled.env }));
    expect([command, code, nextStep]).toEqual([
      command,
      7,
      "Wait until it is done, or use another --data-dir.",
    ]);
    expect(error).toMatch(
      new RegExp(
        `^lock ./data for ${command[0]}: another run is at work there \\(hybrid, process ${holder.pid}, since \\S+Z\\)$`,
      ),
    );
  }
  for (const looks of [["status"], ["verify"], [...SYNC, "--dry-run"], [...HYBRID, "--data-dir=another"]])
    expectExit(await run(looks, { cwd: dir.path, env: filled.env }), 0);
  holder.signal("SIGTERM");
  expectExit(await holder.ended, 130);
  await filled.expectHeals(dir.path);
});

/** A look-alike that says nothing once it is asked for a list. */
async function stalled() {
  const slow = await lookAlike("2024-11-24");
  slow.sandbox.faults.add({ match: /list-type=2/, times: 100, fault: { kind: "stall" } });
  const asked = async () => {
    while (slow.sandbox.requests.length === 0) await Bun.sleep(5);
  };
  return { ...slow, asked };
}
