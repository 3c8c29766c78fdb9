import { expect, test } from "bun:test";
import { RateLimit } from "../../../src/sandbox/rest/rate-limit.ts";

test("two requests may come together, each further one when its share of the minute is over", () => {
  const limit = new RateLimit(5);
  const startMs = 1000;
  const waits = [0, 0, 0, 6000, 12_000, 12_001, 60_000, 60_000, 60_000].map((afterMs) =>
    limit.takeMs("indices", startMs + afterMs),
  );
  expect(waits).toEqual([0, 0, 12_000, 6000, 0, 11_999, 0, 0, 12_000]);
});

test("each asset class has a limit of its own", () => {
  const limit = new RateLimit(1);
  const waits = (["stocks", "stocks", "stocks", "crypto"] as const).map((dataset) =>
    limit.takeMs(dataset, 0),
  );
  expect(waits).toEqual([0, 0, 60_000, 0]);
});
