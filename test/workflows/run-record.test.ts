import { expect, test } from "bun:test";
import { lastRuns } from "../../src/cache/runs.ts";
import { BackfillError } from "../../src/core/errors.ts";
import { leftUndone, recorded } from "../../src/workflows/run-record.ts";
import { tempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";

test("a run leaves behind what it moved and how long its steps took", async () => {
  using temp = tempCache();
  const result = await recorded(contextOf(temp), "hybrid", async (meter) => {
    const value = await meter.time("filesMs", async () => {
      const beganMs = performance.now();
      while (performance.now() - beganMs < 5);
      return "done";
    });
    meter.moved({ downloadedBytes: 7, requests: 2 });
    meter.moved({ barsSynced: 3 });
    return value;
  });
  expect(result).toBe("done");
  const [run, ...others] = lastRuns(temp.cache, 10);
  expect(others).toEqual([]);
  expect(run).toMatchObject({
    command: "hybrid",
    error: null,
    downloadedBytes: 7,
    requests: 2,
    barsSynced: 3,
    apiMs: 0,
  });
  expect(run?.filesMs).toBeGreaterThanOrEqual(5);
  expect(Math.abs(Date.now() - (run?.endedAtMs ?? 0))).toBeLessThan(60_000);
});

test("a run that is ended by an error says by which, and what it had moved", async () => {
  using temp = tempCache();
  const error = new BackfillError({ kind: "source", operation: "list", reason: "no", nextStep: "wait" });
  const failing = recorded(contextOf(temp), "hybrid", async (meter) => {
    meter.moved({ barsCached: 5 });
    throw error;
  });
  expect(await failing.catch((caught: unknown) => caught)).toBe(error);
  expect(lastRuns(temp.cache, 10)).toMatchObject([{ error: "list: no", barsCached: 5 }]);
});

test("a run that comes to its end says what it has left undone", async () => {
  using temp = tempCache();
  const result = {
    failures: [{ error: "download 2024-11-22: cut off" }, { error: "another" }],
    sync: { error: "connect to db: refused" },
  };
  await recorded(contextOf(temp), "hybrid", () => Promise.resolve(result), leftUndone);
  await recorded(contextOf(temp), "parse", () => Promise.resolve({ failures: [] }), leftUndone);
  await recorded(
    contextOf(temp),
    "hybrid",
    () => Promise.resolve({ failures: [], sync: { error: null } }),
    leftUndone,
  );
  expect(lastRuns(temp.cache, 10).map(({ error }) => error)).toEqual([
    null,
    null,
    "2 days not brought: download 2024-11-22: cut off; not synced: connect to db: refused",
  ]);
});
