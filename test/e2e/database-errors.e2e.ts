import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run } from "../support/binary.ts";
import { newDatabase } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { expectRefusal } from "../support/refusal.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const RANGE = ["--from=2024-11-21", `--to=${TODAY}`, `--today=${TODAY}`];
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

describe("a wrong API key", () => {
  test("does not keep the flat files' days from the cache and from Postgres", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "wrong_api_key");
    const env = { ...sandbox.environment, MASSIVE_API_KEY: "WRONGWRONG42", DATABASE_URL: url };
    const outcome = await run(["hybrid", "--symbols=SPX", ...RANGE], { cwd: dir.path, env });
    expectExit(outcome, 3);
    const status = await run(["status", "--json", ...RANGE], { cwd: dir.path, env });
    expect(status.json()).toMatchObject({
      symbols: [{ days: [{ date: "2024-11-21", state: "complete", synced: true }, { date: TODAY }] }],
      sync: { unsyncedBatches: 0 },
    });
  });
});

describe("Postgres", () => {
  test("that refuses the password: cached with exit 5, sync alone exits 3", async () => {
    using dir = tempDir();
    const url = new URL(postgres.url);
    url.password = "wrong-password";
    const env = { ...sandbox.environment, DATABASE_URL: url.href };
    const outcome = await run(["hybrid", "--symbols=SPX", ...RANGE, "--json"], { cwd: dir.path, env });
    expectExit(outcome, 5);
    expect(outcome.json()).toMatchObject({
      bars: { cached: 780 },
      sync: {
        batches: 0,
        pending: 2,
        error: `connect to 127.0.0.1:${postgres.port}/postgres: password authentication failed for user "postgres"`,
        hint: "Check the user and the password in the database URL.",
      },
    });
    await expectRefusal(dir.path, ["sync"], env, {
      code: 3,
      kind: "settings",
      operation: `connect to 127.0.0.1:${postgres.port}/postgres`,
      reason: 'password authentication failed for user "postgres"',
      nextStep: "Check the user and the password in the database URL.",
    });
  });

  test("that is not set: exit 3, and Supabase's users learn where theirs is", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    await expectRefusal(
      dir.path,
      ["sync"],
      {},
      {
        code: 3,
        kind: "settings",
        operation: "sync to Postgres",
        reason: "no database is set",
        nextStep: "Set DATABASE_URL or give --database-url=postgres://user:password@host:5432/database.",
      },
    );
    const supabase = {
      SUPABASE_URL: "https://abc.supabase.co",
      SUPABASE_SERVICE_ROLE_KEY: "service-role-key",
    };
    await expectRefusal(dir.path, ["sync"], supabase, {
      code: 3,
      kind: "settings",
      operation: "sync to Postgres",
      reason: "SUPABASE_URL is set, but rows are written through a Postgres connection",
      nextStep:
        "Set DATABASE_URL to the connection string that the Supabase dashboard shows under Connect (Project Settings, Database).",
    });
  });
});
