import { expect, test } from "bun:test";
import { beginRun, endRun, NOTHING_MOVED, type RunFigures } from "../../src/cache/runs.ts";
import { measuredSpeeds } from "../../src/workflows/speeds.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";

async function ran({ cache }: TempCache, figures: Partial<RunFigures>): Promise<void> {
  const id = await beginRun(cache, "hybrid", 0);
  await endRun(cache, id, { ...NOTHING_MOVED, ...figures }, { endedAtMs: 1, error: null });
}

const EXPECTED = {
  downloadBytesPerSecond: 10e6,
  readBytesPerSecond: 100e6,
  requestMs: 500,
  spacingMs: 0,
  measured: false,
};

test("without earlier runs, or with such that moved nothing to speak of, speeds are what one may expect", async () => {
  using temp = tempCache();
  expect(measuredSpeeds(temp.cache, null)).toEqual(EXPECTED);
  await ran(temp, {});
  await ran(temp, { downloadedBytes: 999_999, filesMs: 1 });
  await ran(temp, { readBytes: 999_999, filesMs: 1 });
  await ran(temp, { downloadedBytes: 5e6, filesMs: 0 });
  expect(measuredSpeeds(temp.cache, null)).toEqual(EXPECTED);
});

test("speeds are the medians of earlier runs", async () => {
  using temp = tempCache();
  for (const filesMs of [1000, 100, 500])
    await ran(temp, { downloadedBytes: 10e6, readBytes: 90e6, filesMs, requests: 4, apiMs: filesMs });
  await ran(temp, { readBytes: 30e6, filesMs: 200 });
  expect(measuredSpeeds(temp.cache, null)).toEqual({
    downloadBytesPerSecond: 20e6,
    readBytesPerSecond: 150e6,
    requestMs: 125,
    spacingMs: 0,
    measured: true,
  });
});

test("the limit that the user has set spaces requests, whatever was measured", async () => {
  using temp = tempCache();
  expect(measuredSpeeds(temp.cache, 5)).toEqual({ ...EXPECTED, spacingMs: 12_000 });
});
