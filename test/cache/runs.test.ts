import { expect, test } from "bun:test";
import {
  beginRun,
  endRun,
  lastRuns,
  NOTHING_MOVED,
  noteStep,
  type Run,
  type RunFigures,
} from "../../src/cache/runs.ts";
import { tempCache } from "../support/temp-cache.ts";

const MOVED: RunFigures = {
  downloadedBytes: 1,
  readBytes: 2,
  filesMs: 3,
  requests: 4,
  apiMs: 5,
  barsCached: 6,
  barsSynced: 7,
  syncMs: 8,
};

test("runs are remembered, the latest first: those that ended, failed, and never came to an end", async () => {
  using temp = tempCache();
  const whole = await beginRun(temp.cache, "hybrid", 1000);
  await endRun(temp.cache, whole, { ...MOVED, filesMs: 2.6 }, { endedAtMs: 2000, error: null });
  const failed = await beginRun(temp.cache, "api", 3000);
  await endRun(temp.cache, failed, NOTHING_MOVED, { endedAtMs: 3500, error: "no connection" });
  await beginRun(temp.cache, "hybrid", 4000);
  const idle = { step: null, stepUnit: null, stepDone: 0, stepTotal: null };
  const expected: Run[] = [
    { id: 3, command: "hybrid", startedAtMs: 4000, endedAtMs: null, error: null, ...NOTHING_MOVED, ...idle },
    {
      id: 2,
      command: "api",
      startedAtMs: 3000,
      endedAtMs: 3500,
      error: "no connection",
      ...NOTHING_MOVED,
      ...idle,
    },
    { id: 1, command: "hybrid", startedAtMs: 1000, endedAtMs: 2000, error: null, ...MOVED, ...idle },
  ];
  expect(lastRuns(temp.cache, 10)).toEqual(expected);
  expect(lastRuns(temp.cache, 2)).toEqual(expected.slice(0, 2));
});

test("a run says how far it has come until it ends", async () => {
  using temp = tempCache();
  const id = await beginRun(temp.cache, "hybrid", 1000);
  const half = { step: "read files", stepUnit: "files", stepDone: 30, stepTotal: 60 };
  await noteStep(temp.cache, id, half);
  expect(lastRuns(temp.cache, 1)).toMatchObject([half]);
  await endRun(temp.cache, id, NOTHING_MOVED, { endedAtMs: 2000, error: null });
  expect(lastRuns(temp.cache, 1)).toMatchObject([
    { step: null, stepUnit: null, stepDone: 0, stepTotal: null },
  ]);
});

test("only the last ten thousand are remembered", async () => {
  using temp = tempCache();
  temp.cache.db.run(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10005) INSERT INTO runs (command, started_at_ms) SELECT 'hybrid', i FROM n",
  );
  await beginRun(temp.cache, "hybrid", 99_999);
  const runs = lastRuns(temp.cache, 20_000);
  expect([runs.length, runs[0]?.startedAtMs, runs.at(-1)?.startedAtMs]).toEqual([10_000, 99_999, 7]);
});
