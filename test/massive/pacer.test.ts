import { describe, expect, test } from "bun:test";
import { Pacer } from "../../src/massive/pacer.ts";
import { fakeClock } from "./support.ts";

describe("Pacer", () => {
  test("does not wait until it is told to", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 0);
    for (let turn = 0; turn < 3; turn++) await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([]);
  });

  test("spaces turns evenly by a known limit", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 12_000);
    for (let turn = 0; turn < 3; turn++) await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([12_000, 12_000]);
  });

  test("a 429 without Retry-After means five requests a minute from then on", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 0);
    await pacer.turn(undefined);
    pacer.slowDown(null, 0);
    for (let turn = 0; turn < 3; turn++) await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([12_000, 12_000, 12_000]);
  });

  test("a long Retry-After is waited for once, then requests are spaced as a Basic plan wants it", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 0);
    pacer.slowDown(60_000, 0);
    for (let turn = 0; turn < 3; turn++) await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([60_000, 12_000, 12_000]);
  });

  test("a short Retry-After is enough", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 0);
    pacer.slowDown(1000, 0);
    for (let turn = 0; turn < 3; turn++) await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([1000, 1000, 1000]);
  });

  test("a Retry-After of nothing is not taken at its word", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 0);
    pacer.slowDown(0, 0);
    for (let turn = 0; turn < 2; turn++) await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([1000, 1000]);
  });

  test("a 429 never makes a known limit faster", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 30_000);
    pacer.slowDown(1000, 0);
    await pacer.turn(undefined);
    expect(clock.sleeps).toEqual([30_000]);
  });

  test("a request that was spaced and still refused doubles the space, up to that of a Basic plan", async () => {
    const clock = fakeClock();
    const pacer = new Pacer(clock, 0);
    // Those that were under way together count once.
    for (let refused = 0; refused < 5; refused++) pacer.slowDown(1000, 0);
    const intervals = [pacer.intervalMs];
    for (let refused = 0; refused < 5; refused++) {
      await pacer.turn(undefined);
      pacer.slowDown(1000, clock.now());
      intervals.push(pacer.intervalMs);
    }
    expect(intervals).toEqual([1000, 2000, 4000, 8000, 12_000, 12_000]);
  });
});
