import { afterEach, expect, test } from "bun:test";
import { recountDays } from "../../src/cache/recount-session.ts";
import { useAnnouncedDays } from "../../src/core/sessions.ts";
import { barsFrom } from "../support/bars.ts";
import { heldOf, keyOf, writeDay } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";

afterEach(() => useAnnouncedDays([]));

test("days whose session has become another are counted by it, and nothing is unsynced", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const prices = Array.from({ length: 165 }, () => 1);
  for (const date of ["2024-12-03", "2024-12-04"])
    await writeDay(cache, { date, blocks: [["I:SPX", barsFrom(Date.parse(`${date}T14:30Z`), prices)]] });
  const [changed, other] = [
    await keyOf(cache, "I:SPX", "2024-12-03"),
    await keyOf(cache, "I:SPX", "2024-12-04"),
  ];
  const before = heldOf(cache, changed);
  const untouched = heldOf(cache, other);
  expect(before.batch).toMatchObject({ sessionBarCount: 165, sessionHoles: "[[165,389]]" });
  useAnnouncedDays([{ date: "2024-12-03", name: "Storm", close: "12:00" }]);
  await recountDays(cache, ["2024-12-03"]);
  expect(heldOf(cache, changed)).toEqual({
    ...before,
    batch: before.batch && { ...before.batch, sessionBarCount: 150, sessionHoles: null },
  });
  expect(heldOf(cache, other)).toEqual(untouched);
  expect(cache.db.query("SELECT change_number FROM batches ORDER BY epoch_day").values()).toEqual([[1], [2]]);
});
