import { describe, expect, test } from "bun:test";
import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { disagreements } from "../../../src/workflows/verify/day-agreement.ts";
import { bar } from "../../support/bars.ts";

const DATE = "2024-11-22";
const SESSION = sessionOf("stocks", DATE);
const OPEN_MS = SESSION?.openMs ?? Number.NaN;

/** A bar of a stock `minute` minutes after the open, all prices equal, with 100 shares. */
function at(minute: number, price: number, volume = 100): Bar {
  return bar(OPEN_MS + minute * MINUTE_MS, price, { volume, transactions: 1 });
}

/** Before the open, in the session, the closing auction's minute, and after it. */
const BARS = [at(-60, 90), at(0, 100), at(100, 105), at(200, 95), at(389, 102), at(390, 106), at(500, 110)];
const DAY: Bar = bar(OPEN_MS, 100, { open: 100, high: 105, low: 95, close: 102, volume: 700 });

function fieldsOf(day: Partial<Bar>, tolerancePercent = 0, bars = BARS): string[] {
  return disagreements("stocks", SESSION, bars, { ...DAY, ...day }, tolerancePercent).map(
    ({ field }) => field,
  );
}

describe("a day bar agrees with its minutes", () => {
  test("by the regular session, by the auction's minute, and by the whole day", () => {
    expect(fieldsOf({})).toEqual([]);
    expect(fieldsOf({ close: 106, high: 106 })).toEqual([]);
    expect(fieldsOf({ open: 90, low: 90, high: 110, close: 110 })).toEqual([]);
  });

  test("whatever decimals its numbers were written with", () => {
    const bars = [at(0, 0.1), at(1, 0.3)];
    const day = { open: 0.1, high: 0.1 + 0.2, low: 0.1, close: 0.3, volume: 200 };
    expect(fieldsOf(day, 0, bars)).toEqual([]);
  });

  test("in volume from what the session has to what a closing auction adds", () => {
    for (const volume of [400, 396, 700, 1057]) expect(fieldsOf({ volume })).toEqual([]);
    for (const volume of [395, 1058, 0]) expect(fieldsOf({ volume })).toEqual(["volume"]);
  });
});

describe("a day bar disagrees", () => {
  test.each([
    ["open", { open: 99.99 }, [{ field: "open", vendor: 99.99, ours: 100 }]],
    ["high", { high: 104 }, [{ field: "high", vendor: 104, ours: 105 }]],
    ["low", { low: 94 }, [{ field: "low", vendor: 94, ours: 95 }]],
    ["close", { close: 103 }, [{ field: "close", vendor: 103, ours: 102 }]],
    ["volume", { volume: 5000 }, [{ field: "volume", vendor: 5000, ours: 700 }]],
  ] as const)("in %s, told with the nearest reading", (_, day, found) => {
    expect(disagreements("stocks", SESSION, BARS, { ...DAY, ...day }, 0)).toEqual([...found]);
  });

  test("beyond the tolerance only", () => {
    expect(fieldsOf({ close: 103 }, 0.5)).toEqual(["close"]);
    expect(fieldsOf({ close: 103 }, 1)).toEqual([]);
  });

  test("in volume of coins and pairs, which know no auction", () => {
    const session = sessionOf("crypto", DATE);
    const bars = [bar(session?.openMs ?? 0, 1, { volume: 100 })];
    const day = (volume: number) => bar(session?.openMs ?? 0, 1, { volume });
    const fields = (volume: number) => disagreements("crypto", session, bars, day(volume), 0);
    expect([fields(101), fields(99), fields(101.1).length, fields(98.9).length]).toEqual([[], [], 1, 1]);
  });
});

test("an index has no volume to disagree in", () => {
  const session = sessionOf("indices", DATE);
  expect(disagreements("indices", session, [bar(OPEN_MS, 5)], bar(OPEN_MS, 5), 0)).toEqual([]);
});
