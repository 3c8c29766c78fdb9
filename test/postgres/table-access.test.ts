import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackfillError } from "../../src/core/errors.ts";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { ensureTable } from "../../src/postgres/table.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { rejectionOf } from "../support/thrown.ts";
import { query } from "./query.ts";

const OPTIONS = { connectTimeoutMs: 10_000, applicationName: "test" };
const COLUMNS = `
  symbol text, timeframe text, timestamp bigint, open numeric, high numeric, low numeric, close numeric,
  volume numeric, vwap numeric, trades integer, PRIMARY KEY (symbol, timeframe, timestamp)`;

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let owner: PostgresConnection;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  const admin = await openConnection(server.url, OPTIONS);
  await query(admin, 'CREATE DATABASE "Market"');
  await query(admin, 'REVOKE TEMPORARY ON DATABASE "Market" FROM PUBLIC');
  await admin.close();
  url = server.url.replace(/\/postgres$/, "/Market");
  owner = await openConnection(url, OPTIONS);
});
afterAll(async () => {
  await owner.close();
  await server.remove();
});

/** A new user who may log in and stage bars; the string that connects as that user. */
async function newUser(name: string, rights = `GRANT TEMPORARY ON DATABASE "Market" TO "${name}"`) {
  await query(owner, `CREATE ROLE "${name}" LOGIN PASSWORD 'pass'`);
  if (rights !== "") await query(owner, rights);
  return url.replace(/\/\/postgres:[^@]*@/, `//${encodeURIComponent(name)}:pass@`);
}

/** What a new session of the user makes of the table: what it throws, or whether it was made. */
async function ensuring(userUrl: string, table: string) {
  const connection = await openConnection(userUrl, OPTIONS);
  try {
    return await ensureTable(connection, parseTarget(userUrl, table).target).then(
      ({ created }) => ({ created }),
      ({ kind, code, reason, nextStep }) => ({ kind, code, reason, nextStep }),
    );
  } finally {
    await connection.close();
  }
}

/** What a user without rights is told, and what the same user can do once the owner has run the next step. */
async function refusedUntilGranted(userUrl: string, table: string) {
  const refusal = await ensuring(userUrl, table);
  if (!("nextStep" in refusal)) throw new Error("it was not refused");
  await query(owner, refusal.nextStep);
  return { refusal, later: await ensuring(userUrl, table) };
}

describe("a user who may not write", () => {
  test("into the table is told which rights are missing", async () => {
    await query(owner, `CREATE TABLE readable (${COLUMNS}, id serial)`);
    const reader = await newUser("Read-er");
    await query(owner, 'GRANT SELECT ON readable TO "Read-er"');
    expect(await refusedUntilGranted(reader, "readable")).toEqual({
      refusal: {
        kind: "target",
        code: undefined,
        reason:
          'the user "Read-er" lacks INSERT, UPDATE, DELETE on it, which its owner postgres can grant; the user "Read-er" lacks USAGE on the sequence public.readable_id_seq, which fills one of its columns',
        nextStep:
          'GRANT INSERT, UPDATE, DELETE ON public.readable TO "Read-er"; GRANT USAGE ON SEQUENCE public.readable_id_seq TO "Read-er";',
      },
      later: { created: false },
    });
  });

  test("temporary tables or use the schema is told so", async () => {
    await query(owner, `CREATE SCHEMA "Closed"; CREATE TABLE "Closed".bars (${COLUMNS})`);
    const stranger = await newUser("user", "");
    await query(owner, 'GRANT ALL ON "Closed".bars TO "user"');
    expect(await refusedUntilGranted(stranger, '"Closed".bars')).toEqual({
      refusal: {
        kind: "target",
        code: undefined,
        reason:
          'the user "user" may not create temporary tables, in which bars arrive; the user "user" lacks USAGE on the schema "Closed"',
        nextStep: 'GRANT TEMPORARY ON DATABASE "Market" TO "user"; GRANT USAGE ON SCHEMA "Closed" TO "user";',
      },
      later: { created: false },
    });
  });

  test("into the schema is told so where the table is missing", async () => {
    const guest = await newUser("guest");
    expect(await refusedUntilGranted(guest, "missing")).toEqual({
      refusal: {
        kind: "target",
        code: undefined,
        reason: "there is no such table, and the user guest lacks CREATE on the schema public",
        nextStep: "GRANT CREATE ON SCHEMA public TO guest;",
      },
      later: { created: true },
    });
  });

  test("where there is no schema gets it with the SQL", async () => {
    const pioneer = await newUser("pioneer");
    const { refusal, later } = await refusedUntilGranted(pioneer, "frontier.bars");
    expect(refusal.nextStep).toBe("CREATE SCHEMA frontier AUTHORIZATION pioneer;");
    expect(later).toEqual({ created: true });
  });
});

describe("row-level security", () => {
  test("that binds the user is refused: it stays in force for the others", async () => {
    await query(owner, `CREATE TABLE guarded (${COLUMNS}); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY`);
    const writer = await newUser("bound");
    await query(owner, "GRANT ALL ON guarded TO bound");
    expect(await refusedUntilGranted(writer, "guarded")).toEqual({
      refusal: {
        kind: "target",
        code: undefined,
        reason: "its row-level security binds the user bound: rows are hidden and COPY is refused",
        nextStep: "ALTER ROLE bound BYPASSRLS;",
      },
      later: { created: false },
    });
  });

  test("that is forced on the table's owner is refused", async () => {
    const writer = await newUser("forced");
    await query(
      owner,
      `CREATE TABLE own (${COLUMNS}); ALTER TABLE own OWNER TO forced;
       ALTER TABLE own ENABLE ROW LEVEL SECURITY; ALTER TABLE own FORCE ROW LEVEL SECURITY`,
    );
    const { refusal, later } = await refusedUntilGranted(writer, "own");
    expect(refusal.nextStep).toBe("ALTER TABLE public.own NO FORCE ROW LEVEL SECURITY;");
    expect(later).toEqual({ created: false });
  });
});

describe("a database that only lets read", () => {
  test.each([
    ["careful", 'ALTER ROLE "careful" SET default_transaction_read_only = on'],
    ["Full", 'ALTER ROLE "Full" IN DATABASE "Market" SET default_transaction_read_only = on'],
  ])("is told with the SQL that ends it, which %s can run", async (name, setting) => {
    const user = await newUser(name);
    await query(owner, `${setting}; GRANT CREATE ON SCHEMA public TO "${name}"`);
    const told = await ensuring(user, `of_${name}`);
    const role = name === "Full" ? '"Full"' : name;
    const fix = `BEGIN READ WRITE; ALTER ROLE ${role} IN DATABASE "Market" SET default_transaction_read_only = off; COMMIT;`;
    expect(told).toEqual({
      kind: "target",
      code: undefined,
      reason: "default_transaction_read_only is on, as hosted databases set it when their disk is full",
      nextStep: `Make room if the disk is full, then: ${fix}`,
    });
    const connection = await openConnection(user, OPTIONS);
    await query(connection, fix);
    await connection.close();
    expect(await ensuring(user, `of_${name}`)).toEqual({ created: true });
  });

  test("is told apart from a connection that asks for it", async () => {
    const asking = `${url}?options=-c%20default_transaction_read_only%3Don`;
    expect(await ensuring(asking, "asked")).toMatchObject({
      reason: "the options of the connection switch default_transaction_read_only on",
      nextStep: "Take default_transaction_read_only out of the options in the database URL or in PGOPTIONS.",
    });
  });

  test("since it is a copy is worth another try: it may become the primary", async () => {
    const standby = await startPostgres();
    const admin = await openConnection(standby.url, OPTIONS);
    const [settings] = await query(admin, "SELECT current_setting('data_directory') AS folder");
    await admin.close();
    await standby.stop();
    await writeFile(join(String(settings?.["folder"]), "standby.signal"), "");
    // Counts as started when it is the primary.
    const promoted = standby.start();
    const copy = await openWhenUp(standby.url);
    const { target } = parseTarget(standby.url, "bars");
    const { kind, code, reason, nextStep } = await rejectionOf(ensureTable(copy, target));
    await query(copy, "SELECT pg_promote()");
    await promoted;
    const { created } = await ensureTable(copy, target);
    await copy.close();
    await standby.remove();
    expect({ kind, code, reason, nextStep, created }).toEqual({
      kind: "target",
      code: "transient",
      reason: "the server is a read-only copy of another one",
      nextStep: "Use the address of the primary; after a failover, try again when it has moved.",
      created: true,
    });
  });
});

/** Opens a session as soon as the server takes one. */
async function openWhenUp(serverUrl: string): Promise<PostgresConnection> {
  for (;;) {
    try {
      return await openConnection(serverUrl, OPTIONS);
    } catch (error) {
      if (!(error instanceof BackfillError) || error.code !== "transient") throw error;
    }
  }
}

test("a server that is too old is refused before it is asked anything it does not know", async () => {
  const old = { ...owner, serverVersion: "11.22" };
  const error = await rejectionOf(ensureTable(old, parseTarget(url, "bars").target));
  expect([error.kind, error.reason, error.nextStep]).toEqual([
    "target",
    "the server is PostgreSQL 11.22",
    "Use PostgreSQL 12 or a later one.",
  ]);
});
