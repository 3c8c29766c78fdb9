import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { expectRefusal, type Told } from "../support/refusal.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const RANGE = ["--from=2024-11-21", `--to=${TODAY}`, `--today=${TODAY}`];
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

const DASHBOARD =
  "Check MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY against the Flat Files page of the Massive dashboard.";

const BUCKET_TOLD: Told = {
  code: 3,
  kind: "settings",
  operation: "read MASSIVE_S3_BUCKET",
  reason: '"s3://flatfiles" is not the name of a bucket',
  nextStep: "Write the name alone, such as flatfiles, or leave it unset.",
  help: "settings",
};
const TABLE_TOLD: Told = {
  code: 3,
  kind: "settings",
  operation: "read the table name a.b.c",
  reason: "it is not the name of a table",
  nextStep:
    'Write table or schema.table, at most 63 bytes each; put a name with other characters than letters, digits, _ and $ in double quotes: "my table".',
  help: "postgres-table",
};
const DATABASE_TOLD: Told = {
  code: 3,
  kind: "settings",
  operation: "read the database URL",
  reason: "it does not begin with postgresql:// or postgres://",
  nextStep:
    "Write it as postgresql://user:password@host:5432/database; in the user and the password, write @ : / ? # % as %40 %3A %2F %3F %23 %25.",
  help: "postgres",
};

describe("settings", () => {
  const hybrid = ["hybrid", "--symbols=SPX,NDX", ...RANGE];

  test("that are missing altogether: exit 3, and demo is named", async () => {
    using dir = filledDir();
    await expectRefusal(
      dir.path,
      hybrid,
      {},
      {
        code: 3,
        kind: "settings",
        operation: "connect to Massive",
        reason: "neither S3 keys nor an API key are set",
        nextStep:
          "Put MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY (and MASSIVE_API_KEY for recent days) into .env.local, or try `massive-backfill demo`, which needs no account.",
      },
    );
  });

  test("with half a pair of keys: exit 3, the other half is named", async () => {
    using dir = filledDir();
    await expectRefusal(
      dir.path,
      hybrid,
      { MASSIVE_AWS_SECRET_KEY: "half-a-pair" },
      {
        code: 3,
        kind: "settings",
        operation: "read the S3 settings",
        reason: "MASSIVE_AWS_SECRET_KEY is set but MASSIVE_AWS_ACCESS_KEY is not",
        nextStep: "Set MASSIVE_AWS_ACCESS_KEY too: both are on the Flat Files page of the Massive dashboard.",
      },
    );
  });

  test.each([
    ["secret", "MASSIVE_AWS_SECRET_KEY", "SignatureDoesNotMatch"],
    ["key", "MASSIVE_AWS_ACCESS_KEY", "InvalidAccessKeyId"],
  ])("with a wrong S3 %s: exit 3", async (_, variable, name) => {
    using dir = filledDir();
    await expectRefusal(
      dir.path,
      hybrid,
      { ...sandbox.environment, [variable]: "WRONGWRONG42" },
      {
        code: 3,
        kind: "settings",
        operation: "list us_indices/minute_aggs_v1/2024/11/",
        reason: `the S3 access key or its secret is not right (HTTP 403 ${name})`,
        nextStep: DASHBOARD,
        help: "s3-keys",
      },
    );
  });

  test("with a wrong API key: exit 3", async () => {
    using dir = filledDir();
    const command = ["api", "--symbols=NDX", `--from=${TODAY}`, `--to=${TODAY}`, `--today=${TODAY}`];
    const env = { ...sandbox.environment, MASSIVE_API_KEY: "WRONGWRONG42" };
    const outcome = await run(command, { cwd: dir.path, env });
    expectExit(outcome, 3);
    expect(outcome.stdout).toEndWith(
      `✖ Failures:\n  indices ${TODAY} (api): ask the API for I:NDX ${TODAY}: the API key is not accepted (HTTP 401); the vendor says: Unknown API Key\n    → Check MASSIVE_API_KEY against the API Keys page of the Massive dashboard.\n  More: massive-backfill help api-key\n`,
    );
    expect(cachedBars(join(dir.path, "data"))).toEqual(cachedBars(join(filled.path, "data")));
  });

  test("with a bucket written as a URL: exit 3, before anything is asked", async () => {
    using dir = filledDir();
    sandbox.clearRequests();
    await expectRefusal(
      dir.path,
      hybrid,
      { ...sandbox.environment, MASSIVE_S3_BUCKET: "s3://flatfiles" },
      BUCKET_TOLD,
    );
    expect(sandbox.requests).toEqual([]);
  });

  test.each([
    ["table name", ["--database-url=postgres://user@127.0.0.1:1/db", "--table=a.b.c"], TABLE_TOLD],
    ["database URL", ["--database-url=mysql://127.0.0.1/db"], DATABASE_TOLD],
  ] as const)("with a %s that cannot be: exit 3, before anything is asked", async (_, flags, told) => {
    using dir = filledDir();
    sandbox.clearRequests();
    await expectRefusal(dir.path, [...hybrid, ...flags], sandbox.environment, told);
    expect(sandbox.requests).toEqual([]);
  });

  test("with the wrong bucket of the guide: exit 3, the right one is named", async () => {
    using dir = filledDir();
    await expectRefusal(
      dir.path,
      hybrid,
      { ...sandbox.environment, MASSIVE_S3_BUCKET: "massive-flatfiles" },
      {
        code: 3,
        kind: "settings",
        operation: "list us_indices/minute_aggs_v1/2024/11/",
        reason: "the server has no such bucket (HTTP 404 NoSuchBucket)",
        nextStep: "Correct MASSIVE_S3_BUCKET, or leave it unset for the vendor's own (flatfiles).",
      },
    );
  });
});

describe("a symbol that would have another one's name in historical_bars", () => {
  test("is refused next to it: exit 2", async () => {
    using dir = filledDir();
    await expectRefusal(
      dir.path,
      ["hybrid", "--symbols=SPX", "--dataset=stocks", ...RANGE],
      sandbox.environment,
      {
        code: 2,
        kind: "usage",
        operation: "add SPX (stocks) to the cache",
        reason: "I:SPX (indices) is there already and has the same name SPX in historical_bars",
        nextStep: "Keep one of them in a cache and table of its own (--data-dir, --table).",
      },
    );
  });
});

describe("the subscription", () => {
  test("that has no flat file of the days and no API key: denied, exit 3, the days that it has are there", async () => {
    await using plan = await lookAlike(TODAY, { planFrom: { indices: "2024-11-20" } });
    using dir = tempDir();
    const { MASSIVE_API_KEY: _, ...env } = plan.sandbox.environment;
    const outcome = await run(
      ["hybrid", "--symbols=SPX", "--from=2024-11-15", "--to=2024-11-21", `--today=${TODAY}`, "--json"],
      { cwd: dir.path, env },
    );
    expectExit(outcome, 3);
    expect(outcome.json()).toMatchObject({
      days: { flatfile: 2, api: 0, skipped: 0, pending: 0, denied: 3, failed: 0 },
      failures: [],
    });
    const status = await run(["status", "--from=2024-11-15", `--to=${TODAY}`, `--today=${TODAY}`], {
      cwd: dir.path,
    });
    expect(status.stdout.split("\n")).toContain(
      "■ 2 complete   … 1 not published yet   ⊘ 3 not in your plan   · 2 closed",
    );
  });

  test("that has no index at the API: its day waits for the flat file, and the vendor's words are told", async () => {
    await using plan = await lookAlike(TODAY, { rest: { tickers: ["I:NDX"] } });
    using dir = tempDir();
    const outcome = await run(["hybrid", "--symbols=SPX,NDX", ...RANGE, "--json"], {
      cwd: dir.path,
      env: plan.sandbox.environment,
    });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({
      days: { flatfile: 1, api: 1, pending: 1, denied: 0 },
      bars: { cached: 3 * 390 },
      failures: [],
    });
    expect(outcome.stderr).toContain("You are not entitled to this data.");
    expect(outcome.stderr).toContain("Flat files bring what is missing.");
  });
});
