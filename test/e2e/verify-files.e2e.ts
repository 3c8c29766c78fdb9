import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readFileSync, rmSync, symlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-18", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const DATES = sessionDates("SPX", FROM, TODAY);
const DAMAGED = "2024-11-20";
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterAll(() => sandbox.stop());

const pathOf = (cwd: string, date = DAMAGED) => join(cwd, "data", "flat-files", "indices", `${date}.csv.gz`);

function edit(cwd: string, sql: string): void {
  using db = new Database(join(cwd, "data", "massive.sqlite"), { strict: true });
  db.run(sql);
}

describe("verify of the kept files", () => {
  test("finds nothing in what a run has brought, of some symbols or of every ticker", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX,AAPL,X:BTC-USD,C:EUR-USD", ...RANGE], options), 0);
    const some = await run(["verify", "--files", "--json"], { cwd: dir.path });
    expectExit(some, 0);
    expect(some.json()).toMatchObject({ checks: [{ check: "files", faults: [], notes: [] }], faults: 0 });
    expectExit(await run(["hybrid", "--symbols=*", "--dataset=indices", ...RANGE], options), 0);
    const all = await run(["verify", "--cache", "--files", "--dataset=indices"], { cwd: dir.path });
    expectExit(all, 0);
    expect(all.stdout).toContain("The kept flat files against the cache: 5 files, ");
    expect(all.stdout).toContain("No faults in ./data (");
  });

  test("tells a damaged, a cut and a deleted file, which a download mends", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const whole = readFileSync(pathOf(dir.path));
    const middle = whole.length >> 1;
    writeFileSync(
      pathOf(dir.path),
      whole.map((byte, index) => (index === middle ? byte ^ 0xff : byte)),
    );
    writeFileSync(pathOf(dir.path, "2024-11-21"), whole.subarray(0, middle));
    rmSync(pathOf(dir.path, "2024-11-22"));
    const json = await run(["verify", "--files", "--json"], { cwd: dir.path });
    expectExit(json, 6);
    expect(json.json()).toMatchObject({
      checks: [
        {
          lookedAt: { files: 5 },
          faultCount: 3,
          faults: [
            { kind: "file-damaged", dataset: "indices", symbol: null, date: DAMAGED },
            { kind: "file-size", date: "2024-11-21" },
            { kind: "file-missing", date: "2024-11-22" },
          ],
        },
      ],
    });
    const text = await run(["verify", "--files"], { cwd: dir.path });
    expectExit(text, 6);
    expect(text.stdout).toContain(
      "✖ A flat file cannot be read to its end (1)\n    indices 2024-11-20: read ",
    );
    // The command that is shown is one that can be typed.
    const [, command = ""] = /→ massive-backfill (download .*)\n$/.exec(text.stdout) ?? [];
    expect(command).toBe(`download --overwrite --dataset=indices --from=${DAMAGED} --to=2024-11-22`);
    expectExit(await run(command.split(" "), options), 0);
    expect(statSync(pathOf(dir.path)).size).toBe(whole.length);
    expectExit(await run(["verify", "--files"], { cwd: dir.path }), 0);
  });

  test("knows files again that were there before the cache, and those that are links to nowhere", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    for (const end of ["", "-wal", "-shm"])
      rmSync(join(dir.path, "data", `massive.sqlite${end}`), { force: true });
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const known = await run(["verify", "--files", "--json"], { cwd: dir.path });
    expectExit(known, 0);
    expect(known.json()).toMatchObject({ checks: [{ lookedAt: { files: 5 }, notes: [] }] });

    rmSync(pathOf(dir.path));
    symlinkSync("/nowhere/at/all.csv.gz", pathOf(dir.path));
    const lost = await run(["verify", "--files", "--json"], { cwd: dir.path });
    expectExit(lost, 6);
    expect(lost.json()).toMatchObject({ checks: [{ faults: [{ kind: "file-missing", date: DAMAGED }] }] });
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
  });

  test("tells bars that differ, and --repair lets the next run read them again from the file", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    edit(dir.path, "UPDATE bars SET close = high WHERE close < high");
    const found = await run(["verify", "--files", "--repair"], { cwd: dir.path });
    expectExit(found, 6);
    expect(found.stdout).toContain("✖ Bars of the cache and of the flat file say different things (5)\n");
    expect(found.stdout).toContain("Marked 5 days as not read");
    sandbox.clearRequests();
    expectExit(await run(["hybrid", ...RANGE], options), 0);
    expect(sandbox.requests.filter(({ path }) => path.endsWith(".csv.gz"))).toEqual([]);
    expectExit(await run(["verify", "--cache", "--files"], { cwd: dir.path }), 0);
    expect(differences(cachedBars(join(dir.path, "data")), truthOf(sandbox, "SPX", DATES))).toEqual([]);
  });
});
