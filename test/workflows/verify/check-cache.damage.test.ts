import { expect, test } from "bun:test";
import { openCache } from "../../../src/cache/cache.ts";
import { damageLastBars } from "../../support/damaged-cache.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { checkedCache, wavingBars, writeBars } from "./verify-support.ts";

const DAY = "2024-11-21";

test("a damaged file of the cache is told, and whatever can be read is looked at", async () => {
  using temp = tempCache();
  for (const ticker of ["I:AAA", "I:SPX"])
    for (const date of [DAY, "2024-12-02"])
      await writeBars(
        temp,
        "indices",
        ticker,
        date,
        wavingBars(`${date}T15:00:00Z`, 300, date === DAY ? 100 : 101),
      );
  temp.cache.db.run(
    "UPDATE batches SET session_bar_count = 1 WHERE symbol_id = (SELECT id FROM symbols WHERE symbol = 'AAA') AND epoch_day = 20048",
  );
  temp.cache.close();
  damageLastBars(temp.dataDir);
  const cache = openCache(temp.dataDir);
  try {
    const { faults, lookedAt } = await checkedCache({ ...temp, cache });
    const place = { kind: "database", dataset: "indices", symbol: "SPX" };
    expect(faults.filter(({ symbol }) => symbol === null).map(({ kind }) => kind)).toContain("database");
    expect(faults.filter(({ symbol }) => symbol === "SPX")).toMatchObject([
      { ...place, date: "2024-12-02", detail: "the bars cannot be read (database disk image is malformed)" },
      { ...place, date: null, detail: "the list of bars cannot be read (database disk image is malformed)" },
    ]);
    expect(faults.filter(({ symbol }) => symbol === "AAA")).toMatchObject([
      { kind: "session-count", date: DAY },
    ]);
    expect(lookedAt).toEqual({ symbols: 2, days: 3, bars: 900 });
  } finally {
    cache.close();
  }
});
