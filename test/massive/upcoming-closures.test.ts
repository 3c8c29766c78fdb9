import { describe, expect, test } from "bun:test";
import { nyseHours } from "../../src/core/nyse-calendar.ts";
import { datesBetween, weekdayOf } from "../../src/core/dates.ts";
import { upcomingClosures } from "../../src/massive/upcoming-closures.ts";
import { openRest } from "../../src/massive/rest-client.ts";
import { lookAlike } from "../support/truth.ts";
import { rejectionOf } from "../support/thrown.ts";

/** What the client makes of an answer. */
async function closuresIn(answer: unknown) {
  using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json(answer) });
  return await upcomingClosures(openRest({ baseUrl: server.url.origin, apiKey: "key" }));
}

const THANKSGIVING = { date: "2020-11-26", exchange: "NYSE", name: "Thanksgiving", status: "closed" };
const DAY_AFTER = {
  close: "2020-11-27T18:00:00.000Z",
  date: "2020-11-27",
  exchange: "NYSE",
  name: "Thanksgiving",
  open: "2020-11-27T14:30:00.000Z",
  status: "early-close",
};

describe("the upcoming closures", () => {
  test("are those of the New York Stock Exchange, by date, closes in its clock time", async () => {
    const others = ["NASDAQ", "OTC"].flatMap((exchange) => [
      { ...DAY_AFTER, exchange },
      { ...THANKSGIVING, exchange, status: "nonsense" },
    ]);
    expect(await closuresIn([DAY_AFTER, ...others, THANKSGIVING])).toEqual([
      { date: "2020-11-26", name: "Thanksgiving", close: null },
      { date: "2020-11-27", name: "Thanksgiving", close: "13:00" },
    ]);
    expect(await closuresIn([{ ...DAY_AFTER, date: "2020-07-02", close: "2020-07-02T17:00:00Z" }])).toEqual([
      { date: "2020-07-02", name: "Thanksgiving", close: "13:00" },
    ]);
  });

  test.each([
    ["no list", { results: [] }, "it is no list of days"],
    ["null", null, "it is no list of days"],
    ["nothing", [], "it names no day of NYSE"],
    ["no day of the exchange", [{ ...THANKSGIVING, exchange: "OTC" }], "it names no day of NYSE"],
    ["no date", [{ ...THANKSGIVING, date: "2020-13-26" }], '"date":"2020-13-26"'],
    ["no name", [{ ...THANKSGIVING, name: 7 }], '"name":7'],
    ["another status", [{ ...THANKSGIVING, status: "late-open" }], '"status":"late-open"'],
    ["no close", [{ ...DAY_AFTER, close: undefined }], '"status":"early-close"'],
    ["a close that is no time", [{ ...DAY_AFTER, close: "13:00" }], '"close":"13:00"'],
    ["a close of another day", [{ ...DAY_AFTER, close: "2020-11-28T18:00:00Z" }], "2020-11-28T18:00:00Z"],
    ["a close before the open", [{ ...DAY_AFTER, close: "2020-11-27T14:30:00Z" }], "2020-11-27T14:30:00Z"],
  ])("with %s are an error that quotes it", async (_, answer, quoted) => {
    const error = await rejectionOf(closuresIn(answer));
    expect(error).toMatchObject({ kind: "source", code: "bad-answer" });
    expect(error.message).toStartWith("ask the API for upcoming closures: the answer cannot be used: ");
    expect(error.message).toContain(quoted);
  });

  test("of the look-alike are those of the calendar for a year, and what was announced besides", async () => {
    const announced = [
      { date: "2024-12-09", name: "National Day of Mourning" },
      { date: "2024-12-10", name: "Storm", close: "14:00" },
    ];
    await using late = await lookAlike("2024-11-25", { announced });
    const { MASSIVE_API_KEY: apiKey = "", MASSIVE_API_URL: baseUrl = "" } = late.sandbox.environment;
    const days = await upcomingClosures(openRest({ baseUrl, apiKey }));
    const ruled = datesBetween("2024-11-25", "2025-11-25")
      .filter((date) => weekdayOf(date) < 6 && nyseHours(date)?.close !== "16:00")
      .map((date) => ({ date, name: "Holiday", close: nyseHours(date)?.close ?? null }));
    const named = announced.map(({ date, name, close }) => ({ date, name, close: close ?? null }));
    expect(days).toEqual([...ruled, ...named].toSorted((a, b) => (a.date < b.date ? -1 : 1)));
    expect(ruled.length).toBe(14);
  });
});
