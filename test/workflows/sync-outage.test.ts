import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { lastFailure, findTarget } from "../../src/cache/targets.ts";
import { sync } from "../../src/workflows/sync.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import { barsFrom } from "../support/bars.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { writeDay } from "../support/cache-days.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { collectedProgress, contextOf } from "./run-context.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

async function cacheWithBars(temp: TempCache): Promise<void> {
  const bars = barsFrom(Date.parse("2024-11-22T14:30:00Z"), [1, 2]);
  await writeDay(temp.cache, { date: "2024-11-22", blocks: [["I:SPX", bars]] });
}

function contextWith(temp: TempCache, databaseUrl: string, signal = new AbortController().signal) {
  const progress = collectedProgress();
  const context = contextOf(temp, { progress, signal });
  return { ...context, progress, settings: { ...context.settings, databaseUrl } };
}

describe("a database that is away", () => {
  test("is waited for, in words: once when it begins, once when it is over", async () => {
    using temp = tempCache();
    const url = await newDatabase(server, "away");
    await cacheWithBars(temp);
    const context = contextWith(temp, url);
    await server.stop();
    const { promise: complained, resolve } = Promise.withResolvers<void>();
    const progress = {
      ...context.progress,
      warn(message: string) {
        context.progress.warn(message);
        resolve();
      },
    };
    const syncing = sync({ ...context, progress }, { retryTimeoutMs: 60_000 });
    await complained;
    await server.start();
    expect(await syncing).toMatchObject({ batches: 1, inserted: 2, error: null });
    expect(context.progress.lines.filter((line) => !line.startsWith("detail"))).toEqual([
      `warn connect to 127.0.0.1:${server.port}/away: nothing listens there: the connection was refused. Trying again for up to 1 min 00 s.`,
      "info Writing to the database goes on.",
    ]);
    expect(await storedBars(url)).toEqual(cachedBars(temp.dataDir));
  });

  test("for longer than it is given is an error, which the cache remembers for status", async () => {
    using temp = tempCache();
    const url = await newDatabase(server, "gone");
    await cacheWithBars(temp);
    await server.stop();
    try {
      for (const retryTimeoutMs of [0, 50]) {
        const error: unknown = await sync(contextWith(temp, url), { retryTimeoutMs }).catch(
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({
          kind: "target",
          reason: "nothing listens there: the connection was refused",
        });
      }
      const target = findTarget(temp.cache, parseTarget(url, "historical_bars").name);
      const failure = lastFailure(temp.cache, target);
      expect(failure?.error).toBe(
        `connect to 127.0.0.1:${server.port}/gone: nothing listens there: the connection was refused`,
      );
      // The real time, whatever moment the run plans for.
      expect(Math.abs(Date.now() - (failure?.atMs ?? 0))).toBeLessThan(60_000);
    } finally {
      await server.start();
    }
  });

  test("is not waited for when the user stops the run, which is no failure of the database", async () => {
    using temp = tempCache();
    const url = await newDatabase(server, "stopped");
    await cacheWithBars(temp);
    const stop = new AbortController();
    const context = contextWith(temp, url, stop.signal);
    const progress = { ...context.progress, warn: () => stop.abort() };
    await server.stop();
    try {
      const error: unknown = await sync({ ...context, progress }, { retryTimeoutMs: 60_000 }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ name: "AbortError" });
      expect(
        lastFailure(temp.cache, findTarget(temp.cache, parseTarget(url, "historical_bars").name)),
      ).toBeNull();
    } finally {
      await server.start();
    }
  });

  test("with a wrong password is not tried again", async () => {
    using temp = tempCache();
    await cacheWithBars(temp);
    const url = new URL(server.url);
    url.password = "wrong";
    const context = contextWith(temp, url.href);
    const error: unknown = await sync(context, { retryTimeoutMs: 60_000 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "settings" });
    expect(context.progress.lines).toEqual([]);
  });
});
