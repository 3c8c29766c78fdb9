import { describe, expect, test } from "bun:test";
import { UsualBars } from "../../../src/workflows/coverage/usual-bars.ts";

/** What is usual after days with so many bars, each of a session of 390 minutes. */
function after(days: readonly number[], sessionMinutes = 390): UsualBars {
  const usual = new UsualBars();
  for (const bars of days) usual.add(bars, sessionMinutes);
  return usual;
}

const TWENTY = Array.from({ length: 20 }, () => 800);

describe("a day has far fewer bars than usual", () => {
  test("with less than half of the median of the last 20 days", () => {
    expect(after(TWENTY).farMoreUsual(399, 390)).toBe(800);
    expect(after(TWENTY).farMoreUsual(400, 390)).toBeNull();
  });

  test("not before ten days are known", () => {
    expect(after(TWENTY.slice(0, 9)).farMoreUsual(0, 390)).toBeNull();
    expect(after(TWENTY.slice(0, 10)).farMoreUsual(0, 390)).toBe(800);
  });

  test("not where so few are usual that chance makes such days", () => {
    expect(after(TWENTY.map(() => 59)).farMoreUsual(0, 390)).toBeNull();
    expect(after(TWENTY.map(() => 60)).farMoreUsual(0, 390)).toBe(60);
  });

  test("by what its own session is long enough for", () => {
    expect(after(TWENTY).farMoreUsual(216, 210)).toBeNull();
    expect(after(TWENTY).farMoreUsual(215, 210)).toBe(431);
    const forex = after(
      TWENTY.map(() => 1440),
      1440,
    );
    expect(forex.farMoreUsual(300, 420)).toBeNull();
    expect(forex.farMoreUsual(200, 420)).toBe(420);
  });

  test("by the last 20 days alone, whatever was before", () => {
    const rising = [...TWENTY.map(() => 100), ...TWENTY];
    expect(after(rising).farMoreUsual(399, 390)).toBe(800);
    expect(after([...TWENTY, ...TWENTY.map(() => 100)]).farMoreUsual(60, 390)).toBeNull();
  });

  test("by the middle of different days, be they odd or even in number", () => {
    expect(after([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]).farMoreUsual(1, 390)).toBe(550);
    expect(after([1100, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]).farMoreUsual(1, 390)).toBe(600);
  });
});

test("the median of the last 20 of any days is that of sorting them", () => {
  let state = 12_345;
  const draw = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 100 + (state % 900);
  };
  const drawn = Array.from({ length: 300 }, draw);
  for (let count = 20; count <= drawn.length; count++) {
    const sorted = drawn.slice(count - 20, count).toSorted((a, b) => a - b);
    const median = ((sorted[9] ?? 0) + (sorted[10] ?? 0)) / 2;
    expect(after(drawn.slice(0, count)).farMoreUsual(0, 390)).toBe(Math.round(median));
  }
});
