// Copies the bars of the Parquet file FROM to the Parquet file TO with DuckDB, on one thread, and prints {copySeconds}.
import { DuckDBInstance } from "@duckdb/node-api";

const [from = "", to = ""] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await instance.connect();
const startedMs = performance.now();
await connection.run(
  `COPY (SELECT * FROM '${from}') TO '${to}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)`,
);
const copySeconds = (performance.now() - startedMs) / 1000;
process.stdout.write(`${JSON.stringify({ copySeconds })}\n`);
