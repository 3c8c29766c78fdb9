import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { expectExit, run, start } from "../support/binary.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { BROKEN_AND_BACK, PATIENT, proxiedSync } from "../support/proxied-sync.ts";
import { KEY_MOMENTS } from "../support/sync-moments.ts";

setDefaultTimeout(60_000);

const STALL_MS = 200;

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

describe("a server that hangs up", () => {
  test.each(KEY_MOMENTS)("%s is asked again by the same sync", async (_, moment) => {
    await using stage = await proxiedSync(postgres);
    void stage.proxy.strikeAt(moment, (proxy) => proxy.hangUp());
    const syncing = start(PATIENT, stage.options);
    await syncing.said("Trying again");
    stage.proxy.repair();
    const outcome = await syncing.ended;
    expectExit(outcome, 0);
    expect(outcome.stderr).toMatch(BROKEN_AND_BACK);
    await stage.expectEqual();
  });
});

describe("a connection that stalls", () => {
  test.each(KEY_MOMENTS)("%s and is cut then is made again by the same sync", async (_, moment) => {
    await using stage = await proxiedSync(postgres);
    const struck = stage.proxy.strikeAt(moment, (proxy) => proxy.freeze());
    const syncing = start(PATIENT, stage.options);
    await struck;
    await Bun.sleep(STALL_MS);
    stage.proxy.repair();
    const outcome = await syncing.ended;
    expectExit(outcome, 0);
    expect(outcome.stderr).toMatch(BROKEN_AND_BACK);
    await stage.expectEqual();
  });

  test.each(KEY_MOMENTS)("%s and comes back is no outage", async (_, moment) => {
    await using stage = await proxiedSync(postgres);
    const struck = stage.proxy.strikeAt(moment, (proxy) => {
      proxy.freeze();
      setTimeout(() => proxy.thaw(), STALL_MS);
    });
    const outcome = await run(PATIENT, stage.options);
    expectExit(outcome, 0);
    await struck;
    expect(outcome.stderr).toMatch(/^\[info\] sync to Postgres: [^\n]*\n$/);
    await stage.expectEqual();
  });

  test.each(KEY_MOMENTS)("%s keeps nobody who presses Ctrl-C; the next sync completes", async (_, moment) => {
    await using stage = await proxiedSync(postgres);
    const struck = stage.proxy.strikeAt(moment, (proxy) => proxy.freeze());
    const syncing = start(PATIENT, stage.options);
    await struck;
    const signalledMs = performance.now();
    syncing.signal("SIGINT");
    const outcome = await syncing.ended;
    expectExit(outcome, 130);
    expect(performance.now() - signalledMs).toBeLessThan(3000);
    stage.proxy.repair();
    await stage.expectNextCompletes();
  });
});
