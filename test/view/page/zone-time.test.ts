import { expect, test } from "bun:test";
import { midnightIn } from "../../../src/view/page/zone-time.ts";

test.each([
  ["2024-03-10", "2024-03-10T05:00:00.000Z"],
  ["2024-03-11", "2024-03-11T04:00:00.000Z"],
  ["2024-11-03", "2024-11-03T04:00:00.000Z"],
  ["2024-11-04", "2024-11-04T05:00:00.000Z"],
])("%s begins in New York at %s, beside a change of the clock too", (date, instant) => {
  expect(new Date(midnightIn("America/New_York")(date)).toISOString()).toBe(instant);
});

test("a day of UTC begins when it does", () => {
  expect(midnightIn("UTC")("2024-11-22")).toBe(Date.UTC(2024, 10, 22));
});
