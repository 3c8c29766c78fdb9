import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Bar } from "../../src/core/bar.ts";
import { addDays } from "../../src/core/dates.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { newDatabase, physicalRows, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { sync, syncAfterFill } from "../../src/workflows/sync.ts";
import { contextOf } from "./run-context.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.remove();
});

function contextWith(temp: TempCache, databaseUrl: string): RunContext {
  const context = contextOf(temp);
  return { ...context, settings: { ...context.settings, databaseUrl } };
}

/** Bars of a day, one a minute from the open on. */
function barsOf(date: string, prices: readonly number[]): Bar[] {
  return barsFrom(Date.parse(`${date}T14:30:00Z`), prices);
}

/** Two days of SPX and one of NDX. */
async function writeDays({ cache }: TempCache): Promise<void> {
  await writeDay(cache, { date: "2024-11-21", blocks: [["I:SPX", barsOf("2024-11-21", [1, 2, 3])]] });
  await writeDay(cache, {
    date: "2024-11-22",
    blocks: [
      ["I:NDX", barsOf("2024-11-22", [7])],
      ["I:SPX", barsOf("2024-11-22", [4, 5])],
    ],
  });
}

const ONCE = { retryTimeoutMs: 0 };
const EVERYTHING = { batches: 3, bars: 6, inserted: 6, updated: 0, deleted: 0, pending: 0, error: null };
const NOTHING = { batches: 0, bars: 0, inserted: 0, updated: 0, deleted: 0, pending: 0, error: null };

describe("a table that lost its rows", () => {
  test.each([
    ["dropped", "DROP TABLE historical_bars", ["Created the table public.historical_bars"]],
    ["emptied", "TRUNCATE historical_bars", []],
  ])("because it was %s is filled again", async (how, statement, notes) => {
    using temp = tempCache();
    const url = await newDatabase(server, `table_${how}`);
    await writeDays(temp);
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject(EVERYTHING);
    const stored = await storedBars(url);
    expect(stored).toHaveLength(6);
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ ...NOTHING, notes: [] });

    await withSql(url, (sql) => sql.unsafe(statement));
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ ...EVERYTHING, notes });
    expect(await storedBars(url)).toEqual(stored);
  });

  test("gets no deletes for bars that went from the cache meanwhile", async () => {
    using temp = tempCache();
    const url = await newDatabase(server, "table_shrunk");
    await writeDays(temp);
    await sync(contextWith(temp, url), ONCE);
    const spx = barsFrom(Date.parse("2024-11-21T14:30:00Z"), [1]);
    await writeDay(temp.cache, { date: "2024-11-21", blocks: [["I:SPX", spx]] });
    await withSql(url, (sql) => sql.unsafe("TRUNCATE historical_bars"));
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ ...EVERYTHING, bars: 4, inserted: 4 });
    expect(await storedBars(url)).toHaveLength(4);
  });

  test("of one target does not make another unsynced", async () => {
    using temp = tempCache();
    const [first, second] = [await newDatabase(server, "target_a"), await newDatabase(server, "target_b")];
    await writeDays(temp);
    await sync(contextWith(temp, first), ONCE);
    await sync(contextWith(temp, second), ONCE);
    const rows = await physicalRows(second);
    await withSql(first, (sql) => sql.unsafe("TRUNCATE historical_bars"));
    expect(await sync(contextWith(temp, first), ONCE)).toMatchObject(EVERYTHING);
    expect(await sync(contextWith(temp, second), ONCE)).toMatchObject(NOTHING);
    expect(await physicalRows(second)).toEqual(rows);
  });
});

test("a sync that fails in the middle says what it sent before", async () => {
  using temp = tempCache();
  const url = await newDatabase(server, "half_way");
  const context = contextWith(temp, url);
  // 36 days of 1,440 minutes: the first transactions take 6 and 28 of them.
  const dates = Array.from({ length: 36 }, (_, index) => addDays("2024-01-01", index));
  const prices = Array.from({ length: 1440 }, (_, minute) => minute);
  for (const date of dates) {
    const bars = barsFrom(Date.parse(`${date}T00:00:00Z`), prices);
    await writeDay(temp.cache, { dataset: "crypto", date, blocks: [["X:BTC-USD", bars]] });
  }
  using empty = tempCache();
  await sync(contextWith(empty, url), ONCE);
  await withSql(url, (sql) =>
    sql.unsafe(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk of the table is full'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON historical_bars FOR EACH ROW
        WHEN (NEW.timestamp >= ${Date.parse(`${dates[34]}T00:00:00Z`)}) EXECUTE FUNCTION refuse()`),
  );
  const result = await syncAfterFill(context, { ...ONCE, batchRows: 28 * 1440 });
  expect(result).toMatchObject({
    batches: 34,
    bars: 34 * 1440,
    inserted: 34 * 1440,
    updated: 0,
    deleted: 0,
    pending: 2,
  });
  expect(result?.error).toContain("the disk of the table is full");
  expect(await storedBars(url)).toHaveLength(34 * 1440);
});
