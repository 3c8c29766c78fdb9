import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { csvEncoder } from "../../src/formats/csv-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { encoded, ROWS } from "./sample-bars.ts";

let server: TestPostgres;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

test("Postgres takes the CSV of bars into historical_bars as the README says", async () => {
  const sql = postgres(server.url, { max: 1 });
  try {
    await sql`CREATE TABLE historical_bars (symbol text, timeframe text, "timestamp" bigint, open numeric, high numeric,
      low numeric, close numeric, volume numeric, vwap numeric, trades bigint)`;
    const copy = await sql`COPY historical_bars
      (symbol, timeframe, "timestamp", open, high, low, close, volume, vwap, trades) FROM STDIN CSV HEADER`.writable();
    const copied = new Promise((resolve, reject) => copy.on("finish", resolve).on("error", reject));
    copy.end(encoded(csvEncoder, true));
    await copied;
    const rows =
      await sql`SELECT symbol, timeframe, "timestamp"::float8, open::float8, high::float8, low::float8,
      close::float8, volume::float8, vwap::float8, trades::float8 FROM historical_bars`;
    expect([...rows].map((row) => ({ ...row }))).toEqual(ROWS);
  } finally {
    await sql.end();
  }
});
