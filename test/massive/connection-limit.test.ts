import { describe, expect, test } from "bun:test";
import { ConnectionLimit } from "../../src/massive/connection-limit.ts";

/** `count` requests that began together came through. */
function succeed(limit: ConnectionLimit, count: number): void {
  for (let request = 0; request < count; request++) limit.succeeded(limit.round);
}

describe("ConnectionLimit", () => {
  test("is halved by each throttled request, down to one", () => {
    const limit = new ConnectionLimit(16);
    const counts = [16];
    for (let times = 0; times < 6; times++) {
      limit.throttled(limit.round);
      counts.push(limit.count);
    }
    expect(counts).toEqual([16, 8, 4, 2, 1, 1, 1]);
  });

  test("requests that were under way together lower it once", () => {
    const limit = new ConnectionLimit(16);
    const { round } = limit;
    for (let request = 0; request < 16; request++) limit.throttled(round);
    expect(limit.count).toBe(8);
  });

  test("success raises it by one each time as many requests came through as there are connections", () => {
    const limit = new ConnectionLimit(4);
    limit.throttled(limit.round);
    const counts = Array.from({ length: 6 }, () => {
      succeed(limit, 1);
      return limit.count;
    });
    expect(counts).toEqual([2, 3, 3, 3, 4, 4]);
  });

  test("never passes what it began with", () => {
    const limit = new ConnectionLimit(3);
    succeed(limit, 100);
    expect(limit.count).toBe(3);
  });

  test("success of requests that began before it was lowered says nothing", () => {
    const limit = new ConnectionLimit(4);
    const { round } = limit;
    limit.throttled(round);
    for (let request = 0; request < 9; request++) limit.succeeded(round);
    expect(limit.count).toBe(2);
  });

  test("has to be earned anew after each throttled request", () => {
    const limit = new ConnectionLimit(4);
    limit.throttled(limit.round);
    succeed(limit, 1);
    limit.throttled(limit.round);
    expect(limit.count).toBe(1);
    succeed(limit, 1);
    expect(limit.count).toBe(2);
  });
});
