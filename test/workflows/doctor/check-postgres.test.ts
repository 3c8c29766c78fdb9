import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { checkPostgres } from "../../../src/workflows/doctor/check-postgres.ts";
import { findPgbouncer, startPgbouncer } from "../../support/pgbouncer.ts";
import { newDatabase, withSql } from "../../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";
import { linesOf } from "./vendor-context.ts";

setDefaultTimeout(60_000);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

async function doctor(databaseUrl: string): Promise<string[]> {
  using place = tempCache();
  const { settings, ...context } = contextOf(place);
  return linesOf(await checkPostgres({ ...context, settings: { ...settings, databaseUrl } }));
}

async function tableLine(databaseUrl: string): Promise<string | undefined> {
  return (await doctor(databaseUrl)).find((line) => / table:/.test(line));
}

function as(url: string, user: string): string {
  const own = new URL(url);
  [own.username, own.password] = [user, "their-password"];
  return own.href;
}

describe("a user without privileges", () => {
  test("gets the GRANT that makes each line green", async () => {
    const url = await newDatabase(server, "doctor_grants");
    await withSql(url, async (sql) => {
      await sql.unsafe("CREATE USER visitor PASSWORD 'their-password'");
      await sql.unsafe("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    });
    const noCreate = await tableLine(as(url, "visitor"));
    expect(noCreate).toBe(
      "red table: there is no such table, and the user visitor lacks CREATE on the schema public → GRANT CREATE ON SCHEMA public TO visitor;",
    );
    await withSql(url, (sql) => sql.unsafe(fixOf(noCreate)));
    expect(await tableLine(as(url, "visitor"))).toBe(
      "green table: public.historical_bars is not there yet: the first sync makes it",
    );
    await withSql(url, (sql) => sql.unsafe(tableWith("numeric")));
    const noInsert = await tableLine(as(url, "visitor"));
    expect(noInsert).toBe(
      "red table: the user visitor lacks SELECT, INSERT, UPDATE, DELETE on it, which its owner postgres can grant → GRANT SELECT, INSERT, UPDATE, DELETE ON public.historical_bars TO visitor;",
    );
    await withSql(url, (sql) => sql.unsafe(fixOf(noInsert)));
    expect(await tableLine(as(url, "visitor"))).toBe(
      "green table: public.historical_bars takes every bar as it is",
    );
  });
});

test("columns that round are yellow, with the SQL after which they do not", async () => {
  const url = await newDatabase(server, "doctor_rounds");
  await withSql(url, (sql) => sql.unsafe(tableWith("bigint")));
  const rounds = await tableLine(url);
  expect(rounds).toBe(
    'yellow table: public.historical_bars rounds values: volume bigint → ALTER TABLE "public"."historical_bars" ALTER COLUMN volume TYPE numeric; and then massive-backfill sync --all',
  );
  await withSql(url, (sql) => sql.unsafe(fixOf(rounds).split(" and then ")[0] ?? ""));
  expect(await tableLine(url)).toBe("green table: public.historical_bars takes every bar as it is");
});

test("a database that only reads, and one that is not there, are red", async () => {
  const url = await newDatabase(server, "doctor_reads");
  await withSql(url, (sql) =>
    sql.unsafe("ALTER DATABASE doctor_reads SET default_transaction_read_only = on"),
  );
  expect(await tableLine(url)).toMatch(/^red table: default_transaction_read_only is on, .* → Make room/);
  const missing = new URL(url);
  missing.pathname = "/doctor_nowhere";
  expect(await doctor(missing.href)).toEqual([
    'red Postgres: database "doctor_nowhere" does not exist → Check the database name in the database URL, or create the database.',
  ]);
});

const PGBOUNCER = findPgbouncer();
if (PGBOUNCER === null) {
  test("NOT RUN: doctor through pgbouncer, which is not installed here", () => {
    console.error("NOT RUN: doctor through pgbouncer, which is not installed here");
  });
} else {
  test("a pooler in transaction mode is named and examined like the server itself", async () => {
    await newDatabase(server, "doctor_pool");
    await using pooler = await startPgbouncer(PGBOUNCER, server);
    expect(await doctor(pooler.url("doctor_pool"))).toEqual([
      expect.stringMatching(
        /^green Postgres: .*\/doctor_pool: PostgreSQL [\d.]+, not encrypted, answers after [\d.]+ s, through a pooler or a forwarded port$/,
      ),
      "green table: public.historical_bars is not there yet: the first sync makes it",
    ]);
  });
}

function fixOf(line: string | undefined): string {
  return line?.split(" → ")[1] ?? "";
}

function tableWith(volumeType: string): string {
  return `CREATE TABLE historical_bars (symbol text, timeframe text, timestamp bigint, open numeric,
    high numeric, low numeric, close numeric, volume ${volumeType}, vwap numeric, trades integer,
    PRIMARY KEY (symbol, timeframe, timestamp))`;
}
