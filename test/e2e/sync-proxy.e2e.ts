import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { differences } from "../support/bar-lines.ts";
import { expectExit, isObject, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { physicalRows, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { BROKEN_AND_BACK, CHANGED_DATES, IMPATIENT, PATIENT, proxiedSync } from "../support/proxied-sync.ts";
import { outboxOf } from "../support/revised-days.ts";
import { COMMIT, SYNC_MOMENTS } from "../support/sync-moments.ts";

setDefaultTimeout(60_000);

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

describe("a connection that is cut", () => {
  test.each(SYNC_MOMENTS)(
    "%s is made again by the same sync, and each batch counts once",
    async (_, moment) => {
      await using stage = await proxiedSync(postgres);
      const { batches, bars } = outboxOf(stage.dataDir, stage.url);
      const struck = stage.proxy.strikeAt(moment, (proxy) => proxy.cut());
      const outcome = await run(PATIENT, stage.options);
      expectExit(outcome, 0);
      await struck;
      expect(outcome.stderr).toMatch(BROKEN_AND_BACK);
      expect(outcome.json()).toMatchObject({ sync: { batches, bars, pending: 0, error: null } });
      await stage.expectEqual();
    },
  );

  test.each(SYNC_MOMENTS)("%s ends a sync without patience; the next one completes", async (_, moment) => {
    await using stage = await proxiedSync(postgres);
    const bars = cachedBars(stage.dataDir);
    void stage.proxy.strikeAt(moment, (proxy) => proxy.cut());
    const outcome = await run(["sync", "--batch-rows=2000", "--retry-timeout=0"], stage.options);
    expectExit(outcome, 5);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toMatch(
      /^(?:\[warn\] [\d,]+ bars in \d+ batch(?:es)? were synced before that: run the same command again for the rest\.\n)?\[error\] [^\n]*: the connection broke\n {2}→ Try again when the database answers; what was not written is still in the local cache\.\n {2}More: massive-backfill help postgres\n$/,
    );
    expect(differences(cachedBars(stage.dataDir), bars)).toEqual([]);
    // What was sent may have arrived, and may be gone from the cache by now.
    await stage.change();
    await stage.expectNextCompletes();
  });
});

/** The corrected days of the first symbol in the order of the key. */
function isOfFirstTransaction(line: string): boolean {
  return CHANGED_DATES.some((date) => line.startsWith(`AAPL 1m ${date}`));
}

describe("a COMMIT", () => {
  test("that the server does not get leaves nothing", async () => {
    await using stage = await proxiedSync(postgres);
    const rows = await physicalRows(stage.url);
    void stage.proxy.strikeAt({ lost: "sent", ...COMMIT }, (proxy) => proxy.cut());
    expectExit(await run(IMPATIENT, stage.options), 5);
    expect(differences(await physicalRows(stage.url), rows)).toEqual([]);
    await stage.expectNextCompletes();
  });

  test("whose answer is lost has happened, and is not written again", async () => {
    await using stage = await proxiedSync(postgres);
    void stage.proxy.strikeAt({ lost: "answered", ...COMMIT }, (proxy) => proxy.cut());
    expectExit(await run(IMPATIENT, stage.options), 5);
    const first = cachedBars(stage.dataDir).filter(isOfFirstTransaction);
    expect(differences((await storedBars(stage.url)).filter(isOfFirstTransaction), first)).toEqual([]);
    const rows = await physicalRows(stage.url);

    const next = await run(IMPATIENT, stage.options);
    expectExit(next, 0);
    const { sync } = next.json();
    expect(isObject(sync) && sync["unchanged"]).toBeGreaterThanOrEqual(first.length);
    await stage.expectEqual();
    const held = new Set(await physicalRows(stage.url));
    expect(rows.filter((line) => line.startsWith("AAPL") && !held.has(line))).toEqual([]);
  });
});
