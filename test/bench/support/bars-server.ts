import { withSql } from "../../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { lineNumberSql, type BarFacts } from "./sync-cache.ts";

/** The table that is measured. */
export const TABLE = "historical_bars";
/** Made by the program, of the same form, never measured: what `TABLE` is made of. */
export const MODEL = "model_bars";

const COLUMNS = "symbol, timeframe, timestamp, open, high, low, close, volume, vwap, trades";

/** A PostgreSQL server with its default settings, made for one case. */
export class BarsServer {
  readonly #server: TestPostgres;

  private constructor(server: TestPostgres) {
    this.#server = server;
  }

  /** @throws Error unless the server writes to the disk what it confirms, as those that people use do. */
  static async start(): Promise<BarsServer> {
    // The last of two settings holds.
    const server = new BarsServer(await startPostgres({ settings: ["fsync=on"] }));
    const [flushes] = await server.#run<{ fsync: string }>("SHOW fsync");
    if (flushes?.fsync === "on") return server;
    await server[Symbol.asyncDispose]();
    throw new Error("the server was started with fsync off");
  }

  get url(): string {
    return this.#server.url;
  }

  /** Makes `TABLE` anew, empty. */
  async emptyTable(): Promise<void> {
    await this.#run(`DROP TABLE IF EXISTS ${TABLE}`);
    await this.#run(`CREATE TABLE ${TABLE} (LIKE ${MODEL} INCLUDING ALL)`);
    await this.#run("CHECKPOINT");
  }

  /**
   * Makes `TABLE` anew with the bars of `MODEL`, but to each value `added` (SQL; 0 or 1) is added. Returns how many bars are others then.
   */
  async fillTable(added: string): Promise<number> {
    await this.emptyTable();
    const values = ["open", "high", "low", "close", "volume", "vwap", "trades"].map(
      (name) => `${name} + added`,
    );
    await this.#run(`INSERT INTO ${TABLE} (${COLUMNS})
      SELECT symbol, timeframe, timestamp, ${values.join(", ")}
      FROM (SELECT *, (${added})::int AS added FROM ${MODEL}) AS model ORDER BY symbol, timeframe, timestamp`);
    await this.settle();
    const [changed] = await this.#run<{ bars: number }>(
      `SELECT coalesce(sum((${added})::int), 0)::int AS bars FROM ${MODEL}`,
    );
    return changed?.bars ?? 0;
  }

  /** Does now what the server would do with a table at rest some time later. */
  async settle(): Promise<void> {
    await this.#run(`VACUUM (ANALYZE) ${TABLE}`);
    await this.#run("CHECKPOINT");
  }

  /** @throws Error unless the table holds just the bars of `expected`, with all their values. */
  async expectBars({ bars, checksum }: BarFacts, table = TABLE): Promise<void> {
    const [held] = await this.#run<{ bars: number; checksum: string }>(
      `SELECT count(*)::int AS bars, coalesce(sum(${lineNumberSql(`concat_ws(E'\\t', ${COLUMNS})`)}), 0) AS checksum
       FROM ${table}`,
    );
    if (held?.bars !== bars) throw new Error(`${table} holds ${held?.bars} bars instead of ${bars}`);
    if (Number(held.checksum) !== checksum) throw new Error(`${table} holds other values than the cache`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.remove();
  }

  async #run<Row>(statement: string): Promise<Row[]> {
    return withSql(this.url, async (sql) => [...(await sql.unsafe<Row[]>(statement))]);
  }
}
