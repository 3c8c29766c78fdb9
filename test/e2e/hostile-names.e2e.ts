import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { hostileVendor } from "../support/hostile-vendor.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { smallCache } from "../support/small-cache.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DATE = "2024-11-22";
const OPEN_MS = Date.parse(`${DATE}T14:30:00Z`);
const RANGE = [`--from=${DATE}`, `--to=${DATE}`, "--today=2024-11-24"];
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** Names that something on their way could take for more than a name. */
const NAMES = [
  "'; DROP TABLE bars;--",
  "' OR '1'='1",
  'Q"Q',
  '""',
  "A,B",
  "../../etc/passwd",
  "..",
  "%_*?",
  "\\N",
  "\\.",
  "\\",
  "back\\slash\\",
  "$$x$$",
  "$1",
  "{a,b}",
  "NULL",
  "null",
  "=1+1",
  "--",
  "/*x*/",
  "Ünï😀",
  "A\u0301",
  "\uFEFFX",
  " space ",
  "constructor",
  "__proto__",
  "A".repeat(62),
];
const TICKERS = NAMES.map((name) => `I:${name}`);

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A day's file with a bar of each ticker, whose close tells which. */
function fileOf(tickers: readonly string[]): Uint8Array {
  const rows = tickers.map((ticker, index) => `${quoted(ticker)},1,${index + 1},100,1,${OPEN_MS}000000\n`);
  return gzipSync(`ticker,open,close,high,low,window_start\n${rows.join("")}`);
}

test("tickers of any letters reach SQLite and Postgres as they are, and do nothing there", async () => {
  using dir = tempDir();
  await using vendor = hostileVendor({ [DATE]: fileOf(TICKERS) });
  const url = await newDatabase(postgres, "hostile_tickers");
  const options = { cwd: dir.path, env: { ...vendor.environment, DATABASE_URL: url } };
  const args = ["--symbols=*", "--dataset=indices", ...RANGE];
  expectExit(await run(["hybrid", ...args], options), 0);

  const expected = NAMES.map((symbol, index) => ({ symbol, close: index + 1 }));
  const stored = await withSql(url, (sql) =>
    sql.unsafe<{ symbol: string; close: number }[]>("SELECT symbol, close::float8 FROM historical_bars ORDER BY close"),
  );
  expect([...stored]).toEqual(expected);
  expect(await storedBars(url)).toEqual(cachedBars(join(dir.path, "data")).toSorted(bySymbolBytes));
  expect(cachedBars(join(dir.path, "data"))).toHaveLength(NAMES.length);
  for (const command of ["status", "verify"]) expectExit(await run([command, ...(command === "verify" ? RANGE : [])], options), 0);

  // A bar that changes and one that goes: updated and deleted by name.
  vendor.files.set(DATE, fileOf(TICKERS.toReversed()));
  expectExit(await run(["hybrid", ...args], options), 0);
  const again = await withSql(url, (sql) =>
    sql.unsafe<{ symbol: string }[]>("SELECT symbol FROM historical_bars ORDER BY close DESC"),
  );
  expect(again.map(({ symbol }) => symbol)).toEqual(NAMES);
});

/** Lines as Postgres orders them with COLLATE "C": by the bytes of their symbols. */
function bySymbolBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

describe("--table", () => {
  test.each([
    ['"a""b"', 'a"b'],
    ['"; DROP TABLE historical_bars;--"', "; DROP TABLE historical_bars;--"],
    ["\"a'b\"", "a'b"],
    ['"x y.z"', "x y.z"],
    ['"日本😀"', "日本😀"],
    ['"$1"', "$1"],
    ['"%s\\"', "%s\\"],
    ['"\u001b[2J"', "\u001b[2J"],
    ["select", "select"],
    ["User", "user"],
    ["constructor", "constructor"],
    [`"${"é".repeat(31)}"`, "é".repeat(31)],
    ["a".repeat(63), "a".repeat(63)],
  ])("%j is the table of that name", async (table, name) => {
    using dir = tempDir();
    await smallCache(join(dir.path, "data"));
    const url = await newDatabase(postgres, `named_${Bun.hash(name)}`);
    const outcome = await run(["sync", `--table=${table}`], { cwd: dir.path, env: { DATABASE_URL: url } });
    expectExit(outcome, 0);
    expect(outcome.stdout + outcome.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
    const tables = await withSql(url, (sql) =>
      sql.unsafe<{ tablename: string }[]>("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"),
    );
    expect(tables.map(({ tablename }) => tablename)).toEqual([name]);
    expect(await storedBars(url, `"${name.replaceAll('"', '""')}"`)).toEqual(cachedBars(join(dir.path, "data")));
  });

  test.each([
    'a"b',
    "'a'",
    "x; DROP TABLE historical_bars",
    "x y",
    "x\ny",
    "a.b.c.d",
    ".",
    "..",
    "../x",
    "a.",
    '""',
    '"a',
    "$1",
    "%s",
    "-",
    "a".repeat(64),
    `"${"é".repeat(32)}"`,
    "\u001b[2J",
  ])("%j is no name of a table, and nothing is asked of the server", async (table) => {
    using dir = tempDir();
    await smallCache(join(dir.path, "data"));
    const env = { DATABASE_URL: "postgres://user:hostile-names-password@127.0.0.1:1/none" };
    const outcome = await run(["sync", `--table=${table}`], { cwd: dir.path, env });
    expectExit(outcome, 3);
    expect(outcome.stderr).toContain("it is not the name of a table");
    expect(outcome.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

describe("settings with odd characters", () => {
  test.each(["a'b \"c\" $HOME `id`", "日本 😀", "a%2e%2e", "a\nb", "*?[x]", "-rf", "a;b&c|d", "../inside/sub"])(
    "the data folder %j is that folder",
    async (name) => {
      using dir = tempDir();
      mkdirSync(join(dir.path, "inside"));
      await using vendor = hostileVendor({ [DATE]: fileOf(["I:SPX"]) });
      const env = { ...vendor.environment, MASSIVE_DATA_DIR: `./${name}` };
      const outcome = await run(["hybrid", "--symbols=SPX", ...RANGE], { cwd: join(dir.path, "inside"), env });
      expectExit(outcome, 0);
      expect(outcome.stdout + outcome.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
      const folder = join("inside", name);
      expect(cachedBars(join(dir.path, folder))).toHaveLength(1);
      const others = Object.keys(filesOf(dir.path)).filter((path) => path !== "inside" && !path.startsWith(folder));
      expect(others).toEqual([]);
    },
  );

  test.each([
    [{ MASSIVE_S3_BUCKET: "../other" }, [3, 4]],
    [{ MASSIVE_S3_BUCKET: "a b'\"\n" }, [3, 4]],
    [{ MASSIVE_S3_BUCKET: "arn:aws:s3:evil" }, [3, 4]],
    [{ MASSIVE_S3_REGION: "../x\ny" }, [3, 4]],
    [{ MASSIVE_S3_ENDPOINT: "file:///etc/passwd" }, [3]],
    [{ MASSIVE_S3_ENDPOINT: "http://[::1" }, [3]],
    [{ MASSIVE_S3_ENDPOINT: "\u001b[2J" }, [3]],
    [{ MASSIVE_API_URL: "javascript:alert(1)" }, [3]],
  ])("%j ends in words", async (changes, codes) => {
    using dir = tempDir();
    await using vendor = hostileVendor();
    const env = { ...vendor.environment, ...changes };
    const outcome = await run(["hybrid", "--symbols=SPX", ...RANGE], { cwd: dir.path, env });
    expect([outcome.code, outcome.stderr]).toEqual([expect.toBeOneOf(codes), expect.not.stringMatching(/This is a bug|(?!\n)\p{Cc}/u)]);
    expect(Object.keys(filesOf(dir.path)).filter((name) => !/^data(\/massive\.[a-z-]+)?$/.test(name))).toEqual([]);
  });
});
