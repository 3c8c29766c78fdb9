import { expect, test } from "bun:test";
import { announcedDays, rememberAnnouncedDays } from "../../src/cache/announced-days.ts";
import { tempCache } from "../support/temp-cache.ts";

const day = (date: string, name = "Storm") => ({ date, name, close: null });

test("an announcement takes the place of the one before, for the days that are still to come", async () => {
  using temp = tempCache();
  const { cache } = temp;
  expect(announcedDays(cache)).toEqual([]);
  const first = [day("2024-12-10"), day("2024-12-11"), day("2024-12-12"), day("2024-12-20")];
  await rememberAnnouncedDays(cache, "2024-12-01", first, 1);
  expect(announcedDays(cache)).toEqual(first);
  // The vendor names upcoming days only: today's is no longer among them.
  const second = [{ date: "2024-12-20", name: "Flood", close: "13:00" }, day("2024-12-24")];
  await rememberAnnouncedDays(cache, "2024-12-11", second, 2);
  expect(announcedDays(cache)).toEqual([day("2024-12-10"), day("2024-12-11"), ...second]);
});
