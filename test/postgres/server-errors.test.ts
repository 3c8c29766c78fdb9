import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackfillError } from "../../src/core/errors.ts";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { explainPostgresError } from "../../src/postgres/errors.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { query } from "./query.ts";

const OPTIONS = { connectTimeoutMs: 10_000, applicationName: "test" };
const OPERATION = "write bars";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let first: PostgresConnection;
let second: PostgresConnection;
beforeAll(async () => {
  server = await startPostgres({ settings: ["deadlock_timeout=50ms"] });
  [first, second] = await Promise.all([
    openConnection(server.url, OPTIONS),
    openConnection(server.url, OPTIONS),
  ]);
  await query(
    first,
    "CREATE TABLE pair (id int PRIMARY KEY, value int); INSERT INTO pair VALUES (1, 0), (2, 0)",
  );
});
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await server.remove();
});

/** The explanation of what the statements, one after the other, make the server say; undefined if nothing. */
async function refusal(
  connection: PostgresConnection,
  ...statements: readonly string[]
): Promise<BackfillError | undefined> {
  try {
    for (const statement of statements) await query(connection, statement);
    return undefined;
  } catch (error) {
    const explanation = explainPostgresError(error, OPERATION);
    if (explanation instanceof BackfillError) return explanation;
    throw explanation;
  } finally {
    await query(connection, "ROLLBACK").catch(() => {});
  }
}

/** SQLSTATE, kind, code and reason of an explanation. */
function summary(error: BackfillError | undefined): readonly unknown[] {
  const cause = error?.cause;
  const sqlState = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return [sqlState, error?.kind, error?.code, error?.reason];
}

/** A user who has no more than one connection. */
async function singleUser(name: string): Promise<string> {
  await query(first, `CREATE ROLE ${name} LOGIN PASSWORD 'pass' CONNECTION LIMIT 1`);
  return server.url.replace(/\/\/postgres:[^@]*@/, `//${name}:pass@`);
}

describe("worth another try", () => {
  test("a deadlock", async () => {
    await query(first, "BEGIN; UPDATE pair SET value = 1 WHERE id = 1");
    await query(second, "BEGIN; UPDATE pair SET value = 2 WHERE id = 2");
    const errors = await Promise.all([
      refusal(first, "UPDATE pair SET value = 1 WHERE id = 2"),
      refusal(second, "UPDATE pair SET value = 2 WHERE id = 1"),
    ]);
    const [victim, ...others] = errors.filter((error) => error !== undefined);
    expect(others).toEqual([]);
    expect(summary(victim)).toEqual(["40P01", "target", "transient", "deadlock detected"]);
  });

  test("a transaction that cannot be put in order with another", async () => {
    await query(first, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM pair");
    await query(second, "UPDATE pair SET value = value + 1");
    const error = await refusal(first, "UPDATE pair SET value = 7");
    expect(summary(error)).toEqual([
      "40001",
      "target",
      "transient",
      "could not serialize access due to concurrent update",
    ]);
  });

  test("a lock that somebody holds for too long", async () => {
    await query(first, "BEGIN; LOCK TABLE pair");
    const error = await refusal(second, "BEGIN; SET LOCAL lock_timeout = 20; SELECT * FROM pair");
    await query(first, "ROLLBACK");
    expect(summary(error)).toEqual([
      "55P03",
      "target",
      "transient",
      "canceling statement due to lock timeout",
    ]);
    expect(error?.nextStep).toBe(
      "Another session holds a lock on the table: try again when it has finished.",
    );
  });

  test("a statement that takes too long", async () => {
    const error = await refusal(first, "BEGIN; SET LOCAL statement_timeout = 20; SELECT pg_sleep(9)");
    expect(summary(error)).toEqual([
      "57014",
      "target",
      "transient",
      "canceling statement due to statement timeout",
    ]);
    expect(error?.nextStep).toContain("ALTER ROLE … SET statement_timeout");
  });

  test("a server that has become read-only", async () => {
    const error = await refusal(first, "BEGIN READ ONLY; UPDATE pair SET value = 1");
    expect(summary(error)).toEqual([
      "25006",
      "target",
      "transient",
      "cannot execute UPDATE in a read-only transaction",
    ]);
  });

  test("a prepared statement that a transaction pooler lost", async () => {
    const error = await refusal(first, "EXECUTE nothing");
    expect(summary(error)).toEqual([
      "26000",
      "target",
      "transient",
      'prepared statement "nothing" does not exist',
    ]);
    expect(error?.nextStep).toContain("transaction pooler");
  });

  test("a session that an administrator ends", async () => {
    const doomed = await openConnection(server.url, OPTIONS);
    const [session] = await query(doomed, "SELECT pg_backend_pid() AS pid");
    const waiting = refusal(doomed, "SELECT pg_sleep(60)");
    await query(first, `SELECT pg_terminate_backend(${String(session?.["pid"])})`);
    const error = await waiting;
    await doomed.close();
    expect([error?.kind, error?.code]).toEqual(["target", "transient"]);
  });

  test("a user whose connections are all taken", async () => {
    const url = await singleUser("single");
    const only = await openConnection(url, OPTIONS);
    const error = await rejectionOf(openConnection(url, OPTIONS));
    await only.close();
    expect(summary(error)).toEqual([
      "53300",
      "target",
      "transient",
      'too many connections for role "single"',
    ]);
    expect(error.nextStep).toStartWith("Close other programs that use the database");
  });

  test("a server that is starting and takes no connections yet", async () => {
    const slow = await startPostgres({ settings: ["hot_standby=off"] });
    const admin = await openConnection(slow.url, OPTIONS);
    const [settings] = await query(admin, "SELECT current_setting('data_directory') AS folder");
    await admin.close();
    await slow.stop();
    const folder = String(settings?.["folder"]);
    await writeFile(join(folder, "standby.signal"), "");
    // Counts as started when it is no standby any more.
    const started = slow.start();
    const error = await refusalOtherThan("nothing listens there: the connection was refused", slow.url);
    await writeFile(join(folder, "promote"), "");
    const [postmaster] = (await Bun.file(join(folder, "postmaster.pid")).text()).split("\n");
    process.kill(Number(postmaster), "SIGUSR1");
    await started;
    await slow.remove();
    expect(summary(error).slice(0, 3)).toEqual(["57P03", "target", "transient"]);
  });
});

/** The first other refusal of a log-in than the one that comes before the server is there at all. */
async function refusalOtherThan(reason: string, url: string): Promise<BackfillError> {
  for (;;) {
    const error = await rejectionOf(openConnection(url, OPTIONS));
    if (error.reason !== reason) return error;
  }
}

describe("not worth another try", () => {
  test("too much for temporary files", async () => {
    const url = await singleUser("little");
    await query(first, "ALTER ROLE little SET temp_file_limit = 64; ALTER ROLE little SET work_mem = '64kB'");
    const little = await openConnection(url, OPTIONS);
    const error = await refusal(little, "SELECT * FROM generate_series(1, 1000000) AS n ORDER BY n DESC");
    await little.close();
    expect(summary(error)).toEqual([
      "53400",
      "target",
      undefined,
      'temporary file size exceeds "temp_file_limit" (64kB)',
    ]);
    expect(error?.nextStep).toBe(
      "Raise that limit for the user of the database URL, or send fewer bars at a time.",
    );
  });

  test("a table that went away, or lost a column", async () => {
    const errors = [
      await refusal(first, "SELECT * FROM gone"),
      await refusal(first, "SELECT vwap FROM pair"),
    ];
    expect(errors.map((error) => [error?.kind, error?.code, error?.reason])).toEqual([
      ["target", undefined, 'relation "gone" does not exist'],
      ["target", undefined, 'column "vwap" does not exist'],
    ]);
    expect(errors[0]?.nextStep).toContain("run sync again");
  });

  test("what only the server can explain", async () => {
    const error = await refusal(first, "SELECT 'x' || pair FROM pair, LATERAL missing_function(pair.id)");
    expect(error && wordsOf(error)).toEqual({
      kind: "target",
      operation: OPERATION,
      reason: "function missing_function(integer) does not exist",
      nextStep:
        "No function matches the given name and argument types. You might need to add explicit type casts.",
    });
  });
});

describe("a bar that the table refuses", () => {
  const insert = "INSERT INTO refusing (symbol, timestamp, open)";

  beforeAll(async () => {
    await query(
      first,
      `CREATE TABLE symbols (symbol text PRIMARY KEY);
       CREATE TABLE refusing (symbol text REFERENCES symbols, timestamp bigint CHECK (timestamp > 0),
         open numeric(4,2) NOT NULL, CONSTRAINT one UNIQUE (symbol));
       CREATE TABLE parted (symbol text, timestamp bigint) PARTITION BY RANGE (timestamp);
       INSERT INTO symbols VALUES ('SPX')`,
    );
  });

  test.each([
    [
      "23503",
      `${insert} VALUES ('NDX', 1, 1)`,
      'Key (symbol)=(NDX) is not present in table "symbols". Add the missing row, or drop the constraint refusing_symbol_fkey.',
    ],
    [
      "23514",
      `${insert} VALUES ('SPX', -1, 1)`,
      "Failing row contains (SPX, -1, 1.00). Change the constraint refusing_timestamp_check so that it lets bars in, or drop it.",
    ],
    [
      "23505",
      `${insert} VALUES ('SPX', 1, 1), ('SPX', 2, 1)`,
      "Key (symbol)=(SPX) already exists. Change the constraint one so that it lets bars in, or drop it.",
    ],
    [
      "23502",
      `${insert} VALUES ('SPX', 1, NULL)`,
      "Failing row contains (SPX, 1, null). Let the column be null: ALTER TABLE … ALTER COLUMN … DROP NOT NULL.",
    ],
    [
      "23514",
      "INSERT INTO parted VALUES ('SPX', 1)",
      'Partition key of the failing row contains ("timestamp") = (1). Make a partition for such bars: CREATE TABLE … PARTITION OF … DEFAULT.',
    ],
    [
      "22003",
      `${insert} VALUES ('SPX', 1, 1000)`,
      "Make the column wider: text for names, numeric for numbers.",
    ],
  ])("%s: %s", async (sqlState, statement, nextStep) => {
    const error = await refusal(first, statement);
    expect([summary(error).slice(0, 3), error?.nextStep]).toEqual([
      [sqlState, "target", undefined],
      nextStep,
    ]);
  });

  test.each([
    [
      "22001",
      "TOOLONG,1,1",
      "The column symbol cannot hold TOOLONG: ALTER TABLE … ALTER COLUMN symbol TYPE text.",
    ],
    [
      "22003",
      "SPX,1,1000",
      "The column open cannot hold 1000: ALTER TABLE … ALTER COLUMN open TYPE numeric.",
    ],
  ])("%s in a COPY names the column and the value: %s", async (sqlState, line, nextStep) => {
    await query(first, "CREATE TEMP TABLE narrow (symbol varchar(3), timestamp bigint, open numeric(4,2))");
    const copy = `COPY narrow FROM PROGRAM 'echo ${line}' (FORMAT csv)`;
    const error = await refusal(first, copy);
    await query(first, "DROP TABLE narrow");
    expect([summary(error).slice(0, 3), error?.nextStep]).toEqual([
      [sqlState, "target", undefined],
      nextStep,
    ]);
  });
});
