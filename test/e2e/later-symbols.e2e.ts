import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, manifestOf } from "../support/cache-contents.ts";
import { newDatabase, physicalRows, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-11", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const DATES = sessionDates("SPX", FROM, TODAY);
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

describe("adding a symbol later", () => {
  test("reads only what the new one lacks, from the files that are here", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "later");
    const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const spxBatches = manifestOf(dataDir)["batches"];
    const spxRows = await physicalRows(url);

    sandbox.clearRequests();
    const both = await run(["hybrid", "--symbols=SPX,NDX", ...RANGE, "--json"], options);
    expectExit(both, 0);
    const ndx = truthOf(sandbox, "NDX", DATES);
    expect(both.json()).toMatchObject({
      days: { flatfile: DATES.length, api: 0, skipped: 0, pending: 0, denied: 0, failed: 0 },
      files: { downloaded: 0, reused: DATES.length, bytes: 0 },
      bars: { cached: ndx.length, changed: ndx.length, rejected: 0 },
      sync: { batches: DATES.length, bars: ndx.length, inserted: ndx.length, updated: 0, deleted: 0 },
    });
    expect(new Set(sandbox.requests.map(({ path }) => path))).toEqual(new Set(["/flatfiles/"]));
    expect(manifestOf(dataDir)["batches"]).toEqual(expect.arrayContaining(spxBatches ?? []));
    expect(manifestOf(dataDir)["batches"]).toHaveLength(2 * DATES.length);
    const truth = [...ndx, ...truthOf(sandbox, "SPX", DATES)];
    expect(differences(cachedBars(dataDir), truth)).toEqual([]);
    expect(differences(await storedBars(url), truth)).toEqual([]);
    const spxRowsNow = (await physicalRows(url)).filter((line) => line.startsWith("SPX "));
    expect(differences(spxRowsNow, spxRows)).toEqual([]);
  });

  test("needs no --symbols for those it knows, and asks again for none that is absent", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX,I:NOSUCH", ...RANGE], options), 0);
    const manifest = manifestOf(dataDir);
    sandbox.clearRequests();
    const again = await run(["hybrid", ...RANGE], options);
    expectExit(again, 0);
    expect(again.stdout).toContain("Symbols: NOSUCH, SPX");
    expect(again.stdout).toContain("ALREADY UP TO DATE");
    expect(new Set(sandbox.requests.map(({ path }) => path))).toEqual(new Set(["/flatfiles/"]));
    expect(manifestOf(dataDir)).toEqual(manifest);
  });
});
