import { describe, expect, test } from "bun:test";
import type { Clock } from "../../src/massive/clock.ts";
import { RateLimit } from "../../src/massive/rate-limit.ts";
import { fakeClock, reasonOf } from "./support.ts";

const MB = 1_000_000;

describe("RateLimit", () => {
  test("lets pass what was asked for, over some seconds", async () => {
    const clock = fakeClock();
    const limit = new RateLimit(clock, 10 * MB);
    for (let piece = 0; piece < 500; piece++) await limit.spend(MB / 10, undefined);
    expect(clock.now()).toBeGreaterThanOrEqual(4500);
    expect(clock.now()).toBeLessThanOrEqual(5500);
  });

  test("is one limit for all who spend at once", async () => {
    const clock = fakeClock();
    const limit = new RateLimit(clock, 10 * MB);
    await Promise.all(Array.from({ length: 50 }, () => limit.spend(MB, undefined)));
    expect(clock.now()).toBeGreaterThanOrEqual(4500);
    expect(clock.now()).toBeLessThanOrEqual(5500);
  });

  test("makes up for timers that come late", async () => {
    const punctual = fakeClock();
    const late: Clock = { now: () => punctual.now(), sleep: (ms) => punctual.sleep(ms + 15) };
    const limit = new RateLimit(late, 10 * MB);
    for (let piece = 0; piece < 100; piece++) await limit.spend(MB / 2, undefined);
    expect(punctual.now()).toBeGreaterThanOrEqual(4500);
    expect(punctual.now()).toBeLessThanOrEqual(5500);
  });

  test("does not save up what was not used", async () => {
    const clock = fakeClock();
    const limit = new RateLimit(clock, 10 * MB);
    await limit.spend(MB, undefined);
    await clock.sleep(60_000);
    const startMs = clock.now();
    await limit.spend(10 * MB, undefined);
    expect(clock.now() - startMs).toBe(900);
  });

  test("stops waiting with the signal's reason", async () => {
    const limit = new RateLimit({ now: () => 0, sleep: (_, signal) => untilAborted(signal) }, 1);
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const spent = limit.spend(MB, controller.signal);
    controller.abort(reason);
    expect(await reasonOf(spent)).toBe(reason);
  });
});

function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  return promise;
}
