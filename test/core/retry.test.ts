import { describe, expect, test } from "bun:test";
import { backoffMs, sleep, type RetryPolicy } from "../../src/core/retry.ts";

const POLICY: RetryPolicy = { attempts: 8, baseDelayMs: 200, maxDelayMs: 5000 };

describe("backoffMs", () => {
  test("doubles from the base delay up to the greatest", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 2000].map((attempt) => backoffMs(attempt, POLICY, 1));
    expect(longest).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  test("spreads workers over the upper half of the delay", () => {
    const third = [0, 0.25, 0.5, 0.999].map((random) => backoffMs(3, POLICY, random));
    expect(third).toEqual([400, 500, 600, 800]);
  });
});

describe("sleep", () => {
  test("ends after its time", async () => {
    expect(await sleep(0)).toBeUndefined();
    expect(await sleep(0, new AbortController().signal)).toBeUndefined();
  });

  test("ends at once when it is aborted", async () => {
    const controller = new AbortController();
    const sleeping = sleep(3_600_000, controller.signal);
    controller.abort();
    expect(await nameOfRejection(sleeping)).toBe("AbortError");
  });

  test("does not begin under a signal that is aborted already", async () => {
    expect(await nameOfRejection(sleep(3_600_000, AbortSignal.abort()))).toBe("AbortError");
  });
});

async function nameOfRejection(promise: Promise<void>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.name : "not an error";
  }
  return "resolved";
}
