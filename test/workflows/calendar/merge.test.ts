import { describe, expect, test } from "bun:test";
import { compareWithRules } from "../../../src/workflows/calendar/merge.ts";

const TODAY = "2026-11-23";
const THANKSGIVING = { date: "2026-11-26", name: "Thanksgiving", close: null };
const DAY_AFTER = { date: "2026-11-27", name: "Thanksgiving", close: "13:00" };
const CHRISTMAS_EVE = { date: "2026-12-24", name: "Christmas", close: "13:00" };
const CHRISTMAS = { date: "2026-12-25", name: "Christmas", close: null };
const RULED = [THANKSGIVING, DAY_AFTER, CHRISTMAS_EVE, CHRISTMAS];

describe("what the vendor announces", () => {
  test("is no news where the rules give the same", () => {
    expect(compareWithRules(RULED, TODAY)).toEqual({ news: [], unconfirmed: [] });
  });

  test("is news where the rules give a full day, another close, or none", () => {
    const mourning = { date: "2026-12-09", name: "National Day of Mourning", close: null };
    const earlier = { ...DAY_AFTER, close: "12:00" };
    const closed = { ...CHRISTMAS_EVE, close: null };
    const opened = { ...THANKSGIVING, close: "13:00" };
    expect(compareWithRules([opened, earlier, mourning, closed, CHRISTMAS], TODAY)).toEqual({
      news: [opened, earlier, mourning, closed],
      unconfirmed: [],
    });
  });

  test("of the past is left out", () => {
    const past = { date: "2026-11-20", name: "Yesterday's storm", close: null };
    expect(compareWithRules([past, ...RULED], TODAY).news).toEqual([]);
  });

  test("is told to lack what the rules give, up to its last day", () => {
    expect(compareWithRules([CHRISTMAS], TODAY).unconfirmed).toEqual([
      "2026-11-26",
      "2026-11-27",
      "2026-12-24",
    ]);
    expect(compareWithRules([THANKSGIVING], TODAY).unconfirmed).toEqual([]);
    expect(compareWithRules([], TODAY)).toEqual({ news: [], unconfirmed: [] });
  });
});
