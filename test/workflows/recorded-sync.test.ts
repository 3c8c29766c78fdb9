import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { keepTimeframes } from "../../src/cache/timeframes.ts";
import { recordedSync } from "../../src/workflows/recorded-sync.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
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

const OPEN_MS = Date.parse("2024-11-22T14:30:00Z");

async function minutes({ cache }: TempCache, prices: readonly number[]): Promise<void> {
  await writeDay(cache, { date: "2024-11-22", blocks: [["I:SPX", barsFrom(OPEN_MS, prices)]] });
}

test("a sync makes the coarser bars that wait for it, and sends them with their minutes", async () => {
  using temp = tempCache();
  const databaseUrl = await newDatabase(server, "waiting");
  const context = contextOf(temp);
  const withDatabase = { ...context, settings: { ...context.settings, databaseUrl } };
  const options = { retryTimeoutMs: 0 };
  await minutes(temp, [1, 3, 2]);
  expect((await recordedSync(withDatabase, options)).derived).toBeNull();
  await keepTimeframes(temp.cache, [{ timeframeMinutes: 60, session: "regular" }], 1);
  const first = await recordedSync(withDatabase, options);
  expect([first.derived, first.sync]).toMatchObject([
    { days: 1, added: 1 },
    { batches: 1, inserted: 1 },
  ]);
  await minutes(temp, [1, 5, 2]);
  const second = await recordedSync(withDatabase, options);
  expect([second.derived, second.sync]).toMatchObject([
    { days: 1, changed: 1 },
    { batches: 2, updated: 2 },
  ]);
  const hours = (await storedBars(databaseUrl)).filter((line) => line.includes(" 1h "));
  expect(hours).toEqual([expect.stringContaining(" 1 5 1 2 ")]);
  expect((await recordedSync(withDatabase, options)).derived).toMatchObject({ days: 0, batches: 0 });
});
