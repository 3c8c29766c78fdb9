// Filters FILE for TICKERS (comma-separated) with DuckDB into a table and prints {querySeconds, bars}. The types of
// the columns are given: finding them out takes it longer.
import { DuckDBInstance } from "@duckdb/node-api";

const [path = "", tickers = ""] = process.argv.slice(2);
const quoted = tickers.split(",").map((ticker) => `'${ticker}'`);
const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
const startedMs = performance.now();
await connection.run(`
  CREATE TABLE bars AS
  SELECT * FROM read_csv('${path}', header = true, auto_detect = false, columns = {
    'ticker': 'VARCHAR', 'open': 'DOUBLE', 'close': 'DOUBLE', 'high': 'DOUBLE', 'low': 'DOUBLE',
    'window_start': 'BIGINT'
  })
  WHERE ticker IN (${quoted.join(", ")})`);
const querySeconds = (performance.now() - startedMs) / 1000;
const count = await connection.runAndReadAll("SELECT count(*) FROM bars");
process.stdout.write(`${JSON.stringify({ querySeconds, bars: Number(count.getRows()[0]?.[0]) })}\n`);
