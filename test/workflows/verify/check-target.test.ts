import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import type { RunContext } from "../../../src/workflows/context.ts";
import { sync } from "../../../src/workflows/sync.ts";
import { checkTarget } from "../../../src/workflows/verify/check-target.ts";
import type { CheckResult, Fault } from "../../../src/workflows/verify/findings.ts";
import type { VerifyScope } from "../../../src/workflows/verify/scope.ts";
import { barsFrom } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { newDatabase, storedBars, withSql } from "../../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { rejectionOf } from "../../support/thrown.ts";
import { contextOf } from "../run-context.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let databases = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

async function database(): Promise<string> {
  databases += 1;
  return newDatabase(server, `verify_${databases}`);
}

const ONCE = { retryTimeoutMs: 0 };
const OPTIONS = { jumpPercent: null, tolerancePercent: 0, requestsPerMinute: null, repair: false };
const [DAY, NEXT] = ["2024-11-21", "2024-11-22"];
const OPEN_MS = Date.parse(`${DAY}T14:30:00Z`);
const SPX = { dataset: "indices", symbol: "SPX", date: DAY } as const;

function contextWith(temp: TempCache, databaseUrl: string): RunContext {
  const context = contextOf(temp);
  return { ...context, settings: { ...context.settings, databaseUrl } };
}

/** Two days of an index and one of a stock with volume and trades. */
async function writeWorld(temp: TempCache): Promise<void> {
  await write(temp, DAY, [1, 2, 3, 4, 5]);
  await write(temp, NEXT, [6, 7]);
  const traded = { volume: 12.25, vwap: 7.5, transactions: 3 };
  const bars = barsFrom(OPEN_MS, [7, 8]).map((one) => ({ ...one, ...traded }));
  await writeDay(temp.cache, { dataset: "stocks", date: DAY, blocks: [["AAPL", bars]] });
}

function write(temp: TempCache, date: string, prices: readonly number[]) {
  return writeDay(temp.cache, {
    date,
    blocks: prices.length > 0 ? [["I:SPX", barsFrom(Date.parse(`${date}T14:30:00Z`), prices)]] : [],
    wanted: ["I:SPX"],
  });
}

function check(
  context: RunContext,
  { repair = false, ...scope }: Partial<VerifyScope> & { repair?: boolean } = {},
): Promise<CheckResult> {
  const symbols = knownSymbols(context.cache);
  return checkTarget(context, { symbols, range: null, ...scope }, { ...OPTIONS, repair });
}

function clean(days: number, bars: number, notes: readonly string[] = []): CheckResult {
  return { check: "target", lookedAt: { days, bars }, faultCount: 0, kinds: {}, faults: [], notes };
}

const row = (minute: number) => `symbol = 'SPX' AND timestamp = ${OPEN_MS + minute * 60_000}`;

/** What somebody does to the rows, and what is found. */
const INJECTED: readonly [what: string, sql: string, fault: Fault][] = [
  [
    "a row that is gone from the middle",
    `DELETE FROM historical_bars WHERE ${row(2)}`,
    { kind: "rows-lacking", ...SPX, detail: "1 of 5 bars lack, the first at 09:32 New York" },
  ],
  [
    "the last rows of a day that are gone",
    `DELETE FROM historical_bars WHERE ${row(3)} OR ${row(4)}`,
    { kind: "rows-lacking", ...SPX, detail: "2 of 5 bars lack, the first at 09:33 New York" },
  ],
  [
    "a day that is gone",
    `DELETE FROM historical_bars WHERE symbol = 'SPX' AND timestamp < ${OPEN_MS + 600_000}`,
    { kind: "rows-lacking", ...SPX, detail: "5 of 5 bars lack, the first at 09:30 New York" },
  ],
  [
    "a price that was changed",
    `UPDATE historical_bars SET close = close + 0.000001 WHERE ${row(1)}`,
    {
      kind: "rows-different",
      ...SPX,
      detail: "1 of 5 bars differ, the first at 09:31 New York: close 2.000001 in Postgres, 2 in the cache",
    },
  ],
  [
    "a volume where there is none",
    `UPDATE historical_bars SET volume = 7 WHERE ${row(0)} OR ${row(4)}`,
    {
      kind: "rows-different",
      ...SPX,
      detail: "2 of 5 bars differ, the first at 09:30 New York: volume 7 in Postgres, nothing in the cache",
    },
  ],
  [
    "trades that were lost",
    `UPDATE historical_bars SET trades = NULL WHERE symbol = 'AAPL'`,
    {
      kind: "rows-different",
      dataset: "stocks",
      symbol: "AAPL",
      date: DAY,
      detail: "2 of 2 bars differ, the first at 09:30 New York: trades nothing in Postgres, 3 in the cache",
    },
  ],
];

describe("a database that has what was synced", () => {
  test("is right: every day and bar was compared", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    await writeWorld(temp);
    await sync(context, ONCE);
    expect(await check(context)).toEqual(clean(3, 9));
    const range = { from: NEXT, to: NEXT };
    expect(await check(context, { range })).toEqual(clean(1, 2));
  });

  test("is right with numbers written in another way, and with rows of others between", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    await writeDay(temp.cache, { date: DAY, blocks: [["I:SPX", barsFrom(OPEN_MS, [1e-7, 2e21, 0.1, 5])]] });
    await sync(context, ONCE);
    await withSql(context.settings.databaseUrl ?? "", (sql) =>
      sql.unsafe(
        `UPDATE historical_bars SET close = 5.000 WHERE ${row(3)};
         INSERT INTO historical_bars (symbol, timeframe, timestamp, open, high, low, close)
         VALUES ('SPX', '1m', ${OPEN_MS + 30_000}, 9, 9, 9, 9), ('SPX', '1m', ${OPEN_MS - 30_000}, 9, 9, 9, 9)`,
      ),
    );
    expect(await check(context)).toEqual(
      clean(1, 4, ["1 row between them that this cache never wrote: sync leaves them alone."]),
    );
  });

  test("is right as its columns round", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    const url = context.settings.databaseUrl ?? "";
    await withSql(url, (sql) =>
      sql.unsafe(`CREATE TABLE historical_bars (symbol text, timeframe text, timestamp bigint, open numeric(12,2) NOT NULL,
        high double precision NOT NULL, low double precision NOT NULL, close double precision NOT NULL, volume bigint, vwap numeric, trades bigint,
        PRIMARY KEY (symbol, timeframe, timestamp))`),
    );
    const bars = barsFrom(OPEN_MS, [1.23456789, 0.1]).map((one) => ({ ...one, volume: 12.5 }));
    await writeDay(temp.cache, { dataset: "stocks", date: DAY, blocks: [["AAPL", bars]] });
    await sync(context, ONCE);
    const rounded = "Compared as the table rounds them: open numeric(12,2), volume bigint.";
    expect(await check(context)).toEqual(clean(1, 2, [rounded]));
    await withSql(url, (sql) => sql.unsafe("UPDATE historical_bars SET high = 1.2345678900000001"));
    expect(await check(context)).toMatchObject({ kinds: { "rows-different": 1 } });
  });
});

describe("a fault", () => {
  test.each(INJECTED)(
    "of %s is found, made unsynced by --repair, and mended by the next sync",
    async (_, sql, fault) => {
      using temp = tempCache();
      const context = contextWith(temp, await database());
      const url = context.settings.databaseUrl ?? "";
      await writeWorld(temp);
      await sync(context, ONCE);
      const before = await storedBars(url);
      await withSql(url, (client) => client.unsafe(sql));
      const found = { ...clean(3, 9), faultCount: 1, kinds: { [fault.kind]: 1 }, faults: [fault] };
      expect(await check(context)).toEqual(found);
      // Looking changes nothing.
      expect(await sync(context, ONCE)).toMatchObject({ batches: 0 });
      const mended = "Made 1 day unsynced: the next sync mends them.";
      expect(await check(context, { repair: true })).toEqual({ ...found, notes: [mended] });
      expect(await sync(context, ONCE)).toMatchObject({ batches: 1, error: null });
      expect(await check(context)).toEqual(clean(3, 9));
      expect(await storedBars(url)).toEqual(before);
    },
  );

  test("of bars that the vendor took back and a backup brought again is found and mended", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    const url = context.settings.databaseUrl ?? "";
    await writeWorld(temp);
    await sync(context, ONCE);
    const restored = (await withSql(url, (client) =>
      client.unsafe(`CREATE TABLE backup AS SELECT * FROM historical_bars`),
    )) as unknown;
    expect(restored).toBeDefined();
    // The last two minutes of one day and all of the other.
    await write(temp, DAY, [1, 2, 3]);
    await write(temp, NEXT, []);
    await sync(context, ONCE);
    expect(await check(context)).toEqual(clean(3, 5));
    await withSql(url, (client) =>
      client.unsafe("INSERT INTO historical_bars SELECT * FROM backup ON CONFLICT DO NOTHING"),
    );
    const next = { ...SPX, date: NEXT };
    const found = {
      ...clean(3, 5),
      faultCount: 2,
      kinds: { "rows-extra": 2 },
      faults: [
        { kind: "rows-extra", ...SPX, detail: "2 bars too many, the first at 09:33 New York" },
        { kind: "rows-extra", ...next, detail: "2 bars too many, the first at 09:30 New York" },
      ],
    } as const;
    expect(await check(context)).toEqual(found);
    await check(context, { repair: true });
    expect(await sync(context, ONCE)).toMatchObject({ deleted: 4 });
    expect(await check(context)).toEqual(clean(3, 5));
  });
});

describe("a cache that is wrong itself", () => {
  test("is blamed: nothing of it is sent, and the day is read again", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    const url = context.settings.databaseUrl ?? "";
    await writeWorld(temp);
    await sync(context, ONCE);
    const before = await storedBars(url);
    temp.cache.db.run(`UPDATE bars SET close = close + 1, high = high + 1 WHERE window_start_ms = ${OPEN_MS}
      AND symbol_id = (SELECT id FROM symbols WHERE symbol = 'SPX')`);
    const detail =
      "Postgres has other bars, and those of the cache are not what was read: nothing of them is sent";
    const found = {
      ...clean(3, 9),
      faultCount: 1,
      kinds: { "content-hash": 1 },
      faults: [{ kind: "content-hash", ...SPX, detail }],
    } as const;
    expect(await check(context)).toEqual(found);
    expect(await check(context, { repair: true })).toEqual({
      ...found,
      notes: ["Marked 1 day as not read: the next hybrid over them reads them again."],
    });
    // Not even a sync of everything sends what is not to be trusted.
    expect(await sync(context, { ...ONCE, all: true })).toMatchObject({ updated: 0, pending: 0 });
    expect(await storedBars(url)).toEqual(before);
    await write(temp, DAY, [1, 2, 3, 4, 5]);
    expect(await sync(context, ONCE)).toMatchObject({ batches: 1, unchanged: 5 });
    expect(await check(context)).toEqual(clean(3, 9));
  });
});

describe("what cannot be compared", () => {
  test("is what was not synced yet", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    await writeWorld(temp);
    const nothing = await check(context);
    expect(nothing).toEqual({
      ...clean(0, 0),
      lookedAt: {},
      notes: [
        "3 days not synced yet, so not compared: run sync.",
        expect.stringMatching(/^Nothing of it was synced to .* yet: there is nothing to compare\.$/),
      ],
    });
    await sync(context, ONCE);
    await write(temp, NEXT, [6, 7, 8]);
    expect(await check(context)).toEqual(clean(2, 7, ["1 day not synced yet, so not compared: run sync."]));
  });

  test("is a table that is gone or was emptied: one fault, which sync mends", async () => {
    using temp = tempCache();
    const context = contextWith(temp, await database());
    const url = context.settings.databaseUrl ?? "";
    await writeWorld(temp);
    for (const [sql, words] of [
      ["TRUNCATE historical_bars", "no rows"],
      ["DROP TABLE historical_bars", "no such table"],
    ] as const) {
      await sync(context, ONCE);
      await withSql(url, (client) => client.unsafe(sql));
      const { faults, faultCount } = await check(context);
      expect([faultCount, faults[0]?.kind]).toEqual([1, "table-lost"]);
      expect(faults[0]?.detail).toEndWith(
        `public.historical_bars has ${words}, but 3 days were synced to it`,
      );
    }
    await sync(context, ONCE);
    expect(await check(context)).toEqual(clean(3, 9));
  });

  test("is a database that is not set, does not answer, or is no table of bars", async () => {
    using temp = tempCache();
    await writeWorld(temp);
    expect(await rejectionOf(check(contextOf(temp)))).toMatchObject({ kind: "settings" });
    const context = contextWith(temp, await database());
    const url = context.settings.databaseUrl ?? "";
    await sync(context, ONCE);
    await withSql(url, (client) => client.unsafe("ALTER TABLE historical_bars DROP COLUMN vwap"));
    expect(await rejectionOf(check(context))).toMatchObject({
      kind: "target",
      reason: "it has no column vwap",
    });
  });
});
