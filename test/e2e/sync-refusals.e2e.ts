import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { freePort, startPostgres, type TestPostgres } from "../support/postgres.ts";
import { expectRefusal } from "../support/refusal.ts";
import { reviseDays, revisedDates } from "../support/revised-days.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DATES = revisedDates(0, 2);
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

describe("a sync to", () => {
  test("an unknown database exits 3 without trying again", async () => {
    using dir = tempDir();
    await reviseDays(join(dir.path, "data"), DATES, 0);
    const url = new URL(postgres.url);
    url.pathname = "/nowhere";
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: url.href },
      {
        code: 3,
        kind: "settings",
        operation: `connect to 127.0.0.1:${postgres.port}/nowhere`,
        reason: 'database "nowhere" does not exist',
        nextStep: "Check the database name in the database URL, or create the database.",
      },
    );
  });

  test("an unknown host exits 5", async () => {
    using dir = tempDir();
    await reviseDays(join(dir.path, "data"), DATES, 0);
    const env = { DATABASE_URL: "postgres://me:secret-word@database.invalid/market" };
    const outcome = await run(["sync", "--retry-timeout=0"], { cwd: dir.path, env });
    expectExit(outcome, 5);
    // Without a network nobody can say that there is no such host.
    expect(outcome.stderr).toMatch(
      /^\[error\] connect to database\.invalid:5432\/market: the host name (?:is not known|could not be looked up)\n {2}→ [^\n]+\n {2}More: massive-backfill help postgres\n$/,
    );
  });

  test.each([
    [0, ""],
    [1, "Trying again for up to 1.0 s.\n"],
  ])("a port where nothing listens exits 5 after %i s", async (seconds, said) => {
    using dir = tempDir();
    await reviseDays(join(dir.path, "data"), DATES, 0);
    const port = await freePort();
    const env = { DATABASE_URL: `postgres://me:secret-word@127.0.0.1:${port}/market` };
    const outcome = await run(["sync", `--retry-timeout=${seconds}`], { cwd: dir.path, env });
    expectExit(outcome, 5);
    const refused = `connect to 127.0.0.1:${port}/market: nothing listens there: the connection was refused`;
    expect({ stdout: outcome.stdout, stderr: outcome.stderr }).toEqual({
      stdout: "",
      stderr: `${said === "" ? "" : `[warn] ${refused}. ${said}`}[error] ${refused}\n  → Start the database. Check the host and the port of the database URL.\n  More: massive-backfill help postgres\n`,
    });
    expect(outcome.durationMs).toBeGreaterThanOrEqual(1000 * seconds);
    expect(outcome.durationMs).toBeLessThan(1000 * seconds + 5000);
  });

  test("a read-only database exits 5 with the SQL that ends it; then all arrives", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    await reviseDays(dataDir, DATES, 0);
    const url = await newDatabase(postgres, "readonly");
    await withSql(url, (sql) => sql`ALTER DATABASE readonly SET default_transaction_read_only = on`);
    const fix =
      "BEGIN READ WRITE; ALTER ROLE postgres IN DATABASE readonly SET default_transaction_read_only = off; COMMIT;";
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: url },
      {
        code: 5,
        kind: "target",
        operation: `prepare the table public.historical_bars in 127.0.0.1:${postgres.port}/readonly`,
        reason: "default_transaction_read_only is on, as hosted databases set it when their disk is full",
        nextStep: `Make room if the disk is full, then: ${fix}`,
      },
    );
    await withSql(url, (sql) => sql.unsafe(fix));
    expectExit(await run(["sync"], { cwd: dir.path, env: { DATABASE_URL: url } }), 0);
    expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);
  });
});
