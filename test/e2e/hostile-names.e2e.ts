import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, openCacheFile } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DATE = "2024-11-22";
const STAMP = `${Date.parse(`${DATE}T15:00:00Z`)}000000`;
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** Tickers that mean something to SQL, shells, file systems and terminals. */
const TICKERS = [
  "'; DROP TABLE historical_bars; --",
  "A'B",
  'A"B',
  "../../etc/passwd",
  "A/B",
  "%",
  "_",
  "*",
  "$(id)",
  "\\N",
  "\\.",
  "ÄÖ中",
  "A B",
];

test("tickers of a file reach SQLite and Postgres letter by letter, and do nothing there", async () => {
  using dir = tempDir();
  const url = await newDatabase(postgres, "hostile_names");
  const rows = TICKERS.map((ticker) => {
    const field = /[",]/.test(ticker) ? `"${ticker.replaceAll('"', '""')}"` : ticker;
    return `${field},1.5,1,1.5,2,1,${STAMP},3\n`;
  });
  const header = "ticker,volume,open,close,high,low,window_start,transactions\n";
  writeFileSync(join(dir.path, `${DATE}.csv.gz`), gzipSync(header + rows.join("")));
  const parse = ["parse", `--file=${DATE}.csv.gz`, "--dataset=stocks", "--symbols=*"];
  expectExit(await run(parse, { cwd: dir.path }), 0);
  expectExit(await run(["sync"], { cwd: dir.path, env: { DATABASE_URL: url } }), 0);

  using db = openCacheFile(join(dir.path, "data"));
  const cached = db.query<{ ticker: string }, []>("SELECT ticker FROM symbols").all();
  expect(cached.map(({ ticker }) => ticker).toSorted()).toEqual(TICKERS.toSorted());
  expect((await storedBars(url)).toSorted()).toEqual(cachedBars(join(dir.path, "data")).toSorted());
  expect(await storedBars(url)).toHaveLength(TICKERS.length);
  expect(readdirSync(dir.path).toSorted()).toEqual([`${DATE}.csv.gz`, "data"]);

  for (const command of [
    ["status", "--gaps"],
    ["status", "--csv"],
    ["status", "--json"],
    ["verify"],
    ["verify", "--target"],
  ]) {
    const shown = await run([...command, `--today=${DATE}`], { cwd: dir.path, env: { DATABASE_URL: url } });
    expect([0, 6]).toContain(shown.code ?? -1);
    expect(shown.stdout + shown.stderr).not.toMatch(/(?![\n\t\r])\p{Cc}/u);
    expect(shown.stderr).not.toContain("This is a bug");
  }
});

describe("a symbol on the command line", () => {
  test.each(TICKERS.filter((ticker) => !/[\s,*]/.test(ticker)))(
    "%j is a name or a usage error, never more",
    async (symbol) => {
      using dir = tempDir();
      const command = ["parse", `--symbols=${symbol}`, "--dataset=stocks", `--today=${DATE}`, "--days=1"];
      const outcome = await run(command, { cwd: dir.path });
      expect([0, 2]).toContain(outcome.code ?? -1);
      expect(outcome.stdout + outcome.stderr).not.toMatch(/(?![\n\t])\p{Cc}/u);
      const names = Object.keys(filesOf(dir.path)).filter((name) => !name.startsWith("data/massive."));
      expect(names.filter((name) => name !== "data")).toEqual([]);
    },
  );

  test("of ten thousand letters is one too", async () => {
    using dir = tempDir();
    const outcome = await run(["hybrid", `--symbols=${"A".repeat(10_000)}`, "--days=1"], { cwd: dir.path });
    expect([2, 3]).toContain(outcome.code ?? -1);
    expect(outcome.stderr).not.toContain("This is a bug");
  });
});

describe("a table name", () => {
  test.each([
    ['"bars; DROP TABLE x"', "bars; DROP TABLE x"],
    ['"it\'s"', "it's"],
    ['"say ""bars"""', 'say "bars"'],
    ['"select"', "select"],
    ['"Große Bars 中"', "Große Bars 中"],
    ["Bars_1$", "bars_1$"],
  ])("%s is the table %j", async (written, name) => {
    using dir = tempDir();
    const url = await newDatabase(postgres, `table_${Bun.hash(written).toString(36)}`);
    const header = "ticker,open,close,high,low,window_start\n";
    writeFileSync(join(dir.path, `${DATE}.csv`), `${header}I:SPX,1,1.5,2,1,${STAMP}\n`);
    expectExit(await run(["parse", `--file=${DATE}.csv`, "--symbols=SPX"], { cwd: dir.path }), 0);
    expectExit(await run(["sync", `--table=${written}`], { cwd: dir.path, env: { DATABASE_URL: url } }), 0);
    const tables = await withSql(
      url,
      (sql) => sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.map((table) => String(table["tablename"]))).toEqual([name]);
  });

  test.each([["x; DROP TABLE y"], ['"unclosed'], [`"${"n".repeat(64)}"`], ["a.b.c"], [""], ["a b"], ["'a'"]])(
    "%j is refused before anything is asked",
    async (written) => {
      using dir = tempDir();
      const outcome = await run(["sync", `--table=${written}`, "--database-url=postgres://127.0.0.1:1/x"], {
        cwd: dir.path,
      });
      expect([2, 3]).toContain(outcome.code ?? -1);
      expect(filesOf(dir.path)).toEqual({});
    },
  );
});
