import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { damageLastBars } from "../support/damaged-cache.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-18", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const SYMBOLS = ["SPX", "AAPL", "X:BTC-USD", "C:EUR-USD"];
const EDITED = "UPDATE bars SET close = high WHERE close < high";
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterAll(() => sandbox.stop());

function edit(dataDir: string, sql: string): void {
  using db = new Database(join(dataDir, "massive.sqlite"), { strict: true });
  db.run(sql);
}

describe("verify of the cache", () => {
  test("finds nothing in what a run has brought, by file and by API", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", `--symbols=${SYMBOLS.join(",")}`, ...RANGE], options), 0);
    const json = await run(["verify", "--json"], { cwd: dir.path });
    expectExit(json, 0);
    const bars = cachedBars(join(dir.path, "data")).length;
    expect(json.json()).toMatchObject({
      schemaVersion: 1,
      command: "verify",
      checks: [{ check: "cache", lookedAt: { symbols: 4, bars }, faultCount: 0, faults: [], notes: [] }],
      faults: 0,
    });
    const text = await run(["verify"], { cwd: dir.path });
    expectExit(text, 0);
    expect(text.stdout).toContain("No faults in ./data (");
  });

  test("exits 6 on bars that were edited, and --repair lets the next run read them again", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX,AAPL", ...RANGE], options), 0);
    edit(dataDir, EDITED);
    const text = await run(["verify", "--symbols=SPX"], { cwd: dir.path });
    expectExit(text, 6);
    expect(text.stdout).toContain(
      "  ✖ Bars are not what was written: something else has changed the cache (5)\n    SPX 2024-11-18: hash ",
    );
    expect(text.stdout).toContain("5 faults in ./data (");
    const repair = await run(["verify", "--repair", "--json"], { cwd: dir.path });
    expectExit(repair, 6);
    expect(repair.json()).toMatchObject({
      checks: [
        { kinds: { "content-hash": 10 }, notes: [expect.stringContaining("Marked 10 days as not read")] },
      ],
    });
    sandbox.clearRequests();
    const healed = await run(["hybrid", ...RANGE, "--json"], options);
    expectExit(healed, 0);
    expect(sandbox.requests.filter(({ path }) => path.endsWith(".csv.gz"))).toEqual([]);
    expectExit(await run(["verify"], { cwd: dir.path }), 0);
    const dates = sessionDates("SPX", FROM, TODAY);
    const truth = ["SPX", "AAPL"].flatMap((symbol) => truthOf(sandbox, symbol, dates));
    expect(differences(cachedBars(dataDir), truth)).toEqual([]);
  });

  test("fetches days again whose files were not kept", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", "--no-keep", ...RANGE], options), 0);
    edit(dataDir, EDITED);
    expectExit(await run(["verify", "--repair"], { cwd: dir.path }), 6);
    expectExit(await run(["hybrid", ...RANGE], options), 0);
    expectExit(await run(["verify"], { cwd: dir.path }), 0);
    const truth = truthOf(sandbox, "SPX", sessionDates("SPX", FROM, TODAY));
    expect(differences(cachedBars(dataDir), truth)).toEqual([]);
  });

  test("exits 6 on a file that SQLite cannot read, and says so", async () => {
    using dir = tempDir();
    expectExit(
      await run(["hybrid", "--symbols=SPX", ...RANGE], { cwd: dir.path, env: sandbox.environment }),
      0,
    );
    damageLastBars(join(dir.path, "data"));
    const outcome = await run(["verify"], { cwd: dir.path });
    expectExit(outcome, 6);
    expect(outcome.stdout).toContain("✖ SQLite finds the file damaged (");
    expect(outcome.stdout).toContain(
      "SPX 2024-11-22: the bars cannot be read (database disk image is malformed)",
    );
  });

  test("a step limit is a flag, and --repair needs something to mend", async () => {
    using dir = tempDir();
    expectExit(
      await run(["hybrid", "--symbols=SPX", ...RANGE], { cwd: dir.path, env: sandbox.environment }),
      0,
    );
    const jumps = await run(["verify", "--jump=0.01", "--json"], { cwd: dir.path });
    expectExit(jumps, 6);
    expect(jumps.json()).toMatchObject({ checks: [{ kinds: { jump: 5 } }] });
    expectExit(await run(["verify", "--jump=0"], { cwd: dir.path }), 0);
    expectExit(await run(["verify", "--api", "--repair"], { cwd: dir.path }), 2);
  });
});
