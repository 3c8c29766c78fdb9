import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, type Outcome } from "../support/binary.ts";
import { cachedBars, openCacheFile } from "../support/cache-contents.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-11", "2024-11-24"];
const HYBRID = [
  "hybrid",
  "--symbols=SPX,NDX",
  `--from=${FROM}`,
  `--to=${TODAY}`,
  `--today=${TODAY}`,
  "--json",
];
const DATES = sessionDates("SPX", FROM, TODAY);

function truth(sandbox: Sandbox, dates: readonly string[] = DATES): string[] {
  return ["NDX", "SPX"].flatMap((symbol) => truthOf(sandbox, symbol, dates));
}

/** A run of `HYBRID` in an empty folder has to succeed with the truth in spite of all. */
async function expectTruth(sandbox: Sandbox): Promise<Outcome> {
  using dir = tempDir();
  const outcome = await run(HYBRID, { cwd: dir.path, env: sandbox.environment });
  expectExit(outcome, 0);
  expect(outcome.json()).toMatchObject({
    days: { flatfile: DATES.length, failed: 0 },
    files: { downloaded: DATES.length },
    failures: [],
  });
  expect(differences(cachedBars(join(dir.path, "data")), truth(sandbox))).toEqual([]);
  return outcome;
}

// A silent connection is given up after half a minute: this run goes on beside the other tests.
let stalling: Sandbox;
let stalledDir: TempDir;
let stalled: Promise<Outcome>;

beforeAll(async () => {
  stalledDir = tempDir();
  stalling = await sandboxAt(TODAY);
  stalling.faults.add({ match: /2024-11-14/, fault: { kind: "stall", afterBytes: 20_000 } });
  stalling.faults.add({ match: /2024-11-15/, fault: { kind: "stall" } });
  stalled = run(HYBRID, { cwd: stalledDir.path, env: stalling.environment });
});
afterAll(async () => {
  stalledDir[Symbol.dispose]();
  await stalling.stop();
});

describe("a server that", () => {
  test("answers 503 and 500, resets, ends early or brings wrong bytes costs nothing", async () => {
    await using server = await lookAlike(TODAY);
    const { faults } = server.sandbox;
    const slowDown = { kind: "answer", answer: FAULT_ANSWERS.slowDown() } as const;
    faults.add({ match: /list-type=2/, fault: slowDown });
    faults.add({ match: /2024-11-12/, times: 2, fault: slowDown });
    faults.add({ match: /2024-11-13/, fault: { kind: "answer", answer: FAULT_ANSWERS.internalError() } });
    faults.add({ match: /2024-11-14/, fault: { kind: "reset" } });
    faults.add({ match: /2024-11-15/, times: 2, fault: { kind: "reset", afterBytes: 70_000 } });
    faults.add({ match: /2024-11-18/, fault: { kind: "short", afterBytes: 30_000 } });
    faults.add({ match: /2024-11-19/, fault: { kind: "short", afterBytes: 0 } });
    faults.add({ match: /2024-11-20/, fault: { kind: "flip", atByte: 50_000 } });
    await expectTruth(server.sandbox);
  });

  test("throttles with a 403 in the middle of a run costs nothing", async () => {
    await using server = await lookAlike(TODAY);
    const throttle = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    server.sandbox.faults.add({ match: /2024-11-(?:18|19|20)\.csv/, times: 4, fault: throttle });
    await expectTruth(server.sandbox);
  });

  test("has ETags that are no MD5 and short pages of its listing costs nothing", async () => {
    await using server = await lookAlike(TODAY, { multipartEtags: true, listPageSize: 3 });
    await expectTruth(server.sandbox);
  });
});

describe("a file that is bad at the vendor's", () => {
  test.each([
    ["a gzip stream that is cut", { gzip: "truncated" }],
    ["a gzip stream that is corrupt", { gzip: "flipped" }],
    ["the wrong header", { header: "id,a,b,c,d,e" }],
    ["nonsense for stamps", { stamps: "negative" }],
    ["the next day's stamps", { stamps: "next-day" }],
  ] as const)("with %s costs its day only, and is read once it is published anew", async (_, damage) => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const options = { cwd: dir.path, env: server.sandbox.environment };
    const dataDir = join(dir.path, "data");
    server.sandbox.damage("indices", "2024-11-14", damage);
    const others = DATES.filter((date) => date !== "2024-11-14");

    const first = await run(HYBRID, options);
    expectExit(first, 4);
    expect(first.json()).toMatchObject({
      days: { flatfile: others.length, failed: 1 },
      failures: [
        {
          dataset: "indices",
          date: "2024-11-14",
          step: "parse",
          error: expect.any(String),
          hint: expect.any(String),
        },
      ],
    });
    expect(differences(cachedBars(dataDir), truth(server.sandbox, others))).toEqual([]);
    expectExit(await run(HYBRID, options), 4);

    server.sandbox.republish("indices", "2024-11-14", []);
    const repaired = await run(HYBRID, options);
    expectExit(repaired, 0);
    expect(repaired.json()).toMatchObject({ days: { flatfile: 1, skipped: others.length, failed: 0 } });
    expect(differences(cachedBars(dataDir), truth(server.sandbox))).toEqual([]);
  });

  test("with a few bad rows loses these only: they are counted, told and kept to be looked at", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    server.sandbox.damage("indices", "2024-11-14", {
      badRows: { "too-few-fields": 1, "not-a-number": 1, "high-below-low": 1, "other-day": 1, duplicate: 2 },
    });
    const outcome = await run(HYBRID, { cwd: dir.path, env: server.sandbox.environment });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ bars: { rejected: 4 } });
    expect(outcome.stderr).toMatch(/\[warn\] indices 2024-11-14: left out bad rows/);
    expect(differences(cachedBars(join(dir.path, "data")), truth(server.sandbox))).toEqual([]);
    using db = openCacheFile(join(dir.path, "data"));
    expect(db.query("SELECT reason FROM rejected_rows ORDER BY reason").values()).toEqual([
      ["date of another day"],
      ["field count"],
      ["high or low not around open and close"],
      ["not a number"],
    ]);
  });

  test("with every row twice is read as if each stood there once", async () => {
    await using server = await lookAlike(TODAY);
    server.sandbox.damage("indices", "2024-11-14", { doubled: true });
    await expectTruth(server.sandbox);
  });
});

test("a connection that stalls is given up and tried again, from where it stood", async () => {
  expectExit(await stalled, 0);
  expect(differences(cachedBars(join(stalledDir.path, "data")), truth(stalling))).toEqual([]);
  const ranges = stalling.requests.filter(({ path }) => path.includes("2024-11-14"));
  expect(ranges.map(({ range }) => range?.replace(/\d+$/, ""))).toEqual(["bytes=0-", "bytes=20000-"]);
});
