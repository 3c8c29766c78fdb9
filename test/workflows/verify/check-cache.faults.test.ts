import { describe, expect, test } from "bun:test";
import { flatFileId } from "../../../src/cache/flat-files.ts";
import { zonedTimeMs } from "../../../src/core/dates.ts";
import type { Fault } from "../../../src/workflows/verify/findings.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { checkedCache, wavingBars, writeBars } from "./verify-support.ts";

const DAY = "2024-11-21";
const NEXT = "2024-11-22";
/** 2024-11-21, in days since 1970. */
const EPOCH_DAY = 20_048;

/** Two days of an index, one each of a stock, a pair and a coin; every fault is injected into these. */
async function world(): Promise<TempCache> {
  const temp = tempCache();
  await temp.cache.write(() => {
    const file = { dataset: "indices", key: "k", sizeBytes: 1, lastModifiedMs: null } as const;
    flatFileId(temp.cache, { ...file, date: DAY, etag: "one" });
    flatFileId(temp.cache, { ...file, date: NEXT, etag: "two" });
  });
  const volume = { volume: 10, transactions: 2 };
  await writeBars(temp, "indices", "I:SPX", DAY, wavingBars(`${DAY}T14:30:00Z`, 40, 6000), { flatFileId: 1 });
  await writeBars(temp, "indices", "I:SPX", NEXT, wavingBars(`${NEXT}T14:30:00Z`, 40, 6001), {
    flatFileId: 2,
  });
  await writeBars(temp, "stocks", "AAPL", DAY, wavingBars(`${DAY}T14:30:00Z`, 40, 200, volume));
  await writeBars(temp, "forex", "C:EUR-USD", DAY, wavingBars(`${DAY}T14:30:00Z`, 40, 300, volume));
  await writeBars(temp, "crypto", "X:BTC-USD", DAY, wavingBars(`${DAY}T14:30:00Z`, 40, 90_000, volume));
  return temp;
}

const ID = {
  spx: "symbol_id = (SELECT id FROM symbols WHERE symbol = 'SPX')",
  aapl: "symbol_id = (SELECT id FROM symbols WHERE symbol = 'AAPL')",
} as const;
const ON_DAY = `epoch_day = ${EPOCH_DAY}`;
const at = (minute: number) => `window_start_ms = ${Date.parse(`${DAY}T14:30:00Z`) + minute * 60_000}`;
const spxAt = (minute: number) => `${ID.spx} AND ${at(minute)}`;
const SPX = { dataset: "indices", symbol: "SPX", date: DAY } as const;
const AAPL = { dataset: "stocks", symbol: "AAPL", date: DAY } as const;

/** The content hash of a batch as it is after an injection differs each time; it is not what is tested. */
function withoutHashes({ detail, ...fault }: Fault): Fault {
  return { ...fault, detail: detail.replaceAll(/\b[0-9a-f]{16}\b/g, "…") };
}

const hashFault = (place: typeof SPX | typeof AAPL) => ({
  kind: "content-hash" as const,
  ...place,
  detail: "hash … by the manifest, … of the 40 bars in the cache",
});

/** Sets a fault into the world and says what is found. */
const INJECTED: readonly [what: string, sql: string, faults: readonly Fault[]][] = [
  [
    "a bar that is gone",
    `DELETE FROM bars WHERE ${spxAt(3)}`,
    [{ kind: "bar-count", ...SPX, detail: "40 bars by the manifest, 39 in the cache" }],
  ],
  [
    "a bar that was edited",
    `UPDATE bars SET close = close + 0.5, high = high + 0.5 WHERE ${spxAt(3)}`,
    [hashFault(SPX)],
  ],
  [
    "a count of session bars that is another",
    `UPDATE batches SET session_bar_count = 41 WHERE ${ID.spx} AND ${ON_DAY}`,
    [{ kind: "session-count", ...SPX, detail: "41 bars in the session by the manifest, 40 in the cache" }],
  ],
  [
    "minutes without a bar that are others",
    `UPDATE batches SET session_holes = '[[7,7]]' WHERE ${ID.spx} AND ${ON_DAY}`,
    [
      {
        kind: "session-count",
        ...SPX,
        detail: "the minutes without a bar are others than those of the manifest",
      },
    ],
  ],
  [
    "a summary that says something else",
    `UPDATE batches SET summary = char(epoch_day, 1, 1, 1) WHERE ${ID.spx} AND ${ON_DAY}`,
    [
      {
        kind: "summary",
        ...SPX,
        detail: "what status reads of the day is not what the manifest says of it",
      },
    ],
  ],
  [
    "a version of a file that is not known",
    `UPDATE batches SET flat_file_id = 77 WHERE ${ID.spx} AND ${ON_DAY}`,
    [
      {
        kind: "unknown-file",
        ...SPX,
        detail: "read from file version 77, which is not in the table flat_files",
      },
    ],
  ],
  [
    "a day without its row in the manifest",
    `DELETE FROM batches WHERE ${ID.spx} AND ${ON_DAY}`,
    [{ kind: "orphan-bars", ...SPX, detail: "40 bars, the first at 09:30 New York" }],
  ],
  [
    "a bar far from the day it names",
    `INSERT INTO bars SELECT symbol_id, 1, 1000020000000, epoch_day, 1, 1, 1, 1, 1, 1, 1, 1 FROM bars WHERE ${spxAt(0)}`,
    [
      {
        kind: "orphan-bars",
        ...SPX,
        detail: "1 bar, the first at 2001-09-09 03:20 New York, far from the day they name",
      },
    ],
  ],
  [
    "a high below the close",
    `UPDATE bars SET high = low - 1 WHERE ${spxAt(3)} OR ${spxAt(5)}`,
    [
      hashFault(SPX),
      {
        kind: "high-low",
        ...SPX,
        detail: "2 bars, the first at 09:33 New York: open 6003.3, high 6002.3, low 6003.3, close 6003.3",
      },
    ],
  ],
  [
    "a price without an end",
    `UPDATE bars SET high = 9e999 WHERE ${spxAt(39)}`,
    [
      hashFault(SPX),
      {
        kind: "no-number",
        ...SPX,
        detail:
          "1 bar, the first at 10:09 New York: open 6004.4, high Infinity, low 6004.4, close 6004.4, volume none, trades none",
      },
      {
        kind: "jump",
        ...SPX,
        detail:
          "1 step of more than 20 %, the first at 10:09 New York: from 6003.3 to Infinity (+Infinity %)",
      },
    ],
  ],
  [
    "a volume below zero",
    `UPDATE bars SET volume = -5 WHERE ${ID.aapl} AND ${at(3)}`,
    [
      hashFault(AAPL),
      { kind: "negative-volume", ...AAPL, detail: "1 bar, the first at 09:33 New York: volume -5, trades 2" },
    ],
  ],
  [
    "a bar that begins within a minute",
    `UPDATE bars SET window_start_ms = window_start_ms + 1500 WHERE ${spxAt(3)}`,
    [hashFault(SPX), { kind: "part-minute", ...SPX, detail: "1 bar, the first at 09:33 New York and 1.5 s" }],
  ],
  [
    "a stock that costs nothing",
    `UPDATE bars SET low = 0 WHERE ${ID.aapl} AND ${at(0)}`,
    [
      hashFault(AAPL),
      {
        kind: "price-not-positive",
        ...AAPL,
        detail: "1 bar, the first at 09:30 New York: open 200, high 200, low 0, close 200",
      },
    ],
  ],
  [
    "a bar of the day before",
    `UPDATE bars SET window_start_ms = window_start_ms - 86400000 WHERE ${spxAt(0)}`,
    [hashFault(SPX), { kind: "wrong-date", ...SPX, detail: "1 bar, the first at 2024-11-20 09:30 New York" }],
  ],
  [
    "a stock's bar at night",
    `UPDATE bars SET window_start_ms = ${zonedTimeMs(DAY, "20:00", "America/New_York")} WHERE ${ID.aapl} AND ${at(39)}`,
    [
      hashFault(AAPL),
      {
        kind: "outside-hours",
        ...AAPL,
        detail: "1 bar, the first at 20:00 New York, hours are 04:00 to 20:00",
      },
    ],
  ],
  [
    "a price that jumps",
    `UPDATE bars SET high = high * 2 WHERE ${ID.aapl} AND ${at(3)}`,
    [
      hashFault(AAPL),
      {
        kind: "jump",
        ...AAPL,
        detail: "1 step of more than 50 %, the first at 09:33 New York: from 202.2 to 406.6 (+101.1 %)",
      },
    ],
  ],
  [
    "a file that is another day's",
    "UPDATE flat_files SET etag = 'one'",
    [
      {
        kind: "same-file",
        dataset: "indices",
        symbol: null,
        date: DAY,
        detail: `the same file as that of ${NEXT} (ETag one)`,
      },
    ],
  ],
  [
    "rows that name a symbol which is not there",
    "INSERT INTO bars SELECT 99, 1, window_start_ms, epoch_day, open, high, low, close, volume, vwap, transactions, 1 FROM bars LIMIT 3",
    [
      {
        kind: "broken-link",
        dataset: null,
        symbol: null,
        date: null,
        detail: "3 rows of bars without the row of symbols they name",
      },
    ],
  ],
];

describe("what is injected is found:", () => {
  test.each(INJECTED)("%s", async (_what, sql, faults) => {
    using temp = await world();
    expect(await checkedCache(temp)).toMatchObject({ faultCount: 0, faults: [] });
    temp.cache.db.run("PRAGMA foreign_keys = OFF");
    temp.cache.db.run(sql);
    const { faults: found, faultCount, kinds } = await checkedCache(temp);
    expect(found.map(withoutHashes)).toEqual([...faults]);
    expect(faultCount).toBe(faults.length);
    expect(kinds).toEqual(Object.fromEntries(faults.map(({ kind }) => [kind, 1])));
  });

  test("bars of a day without a session", async () => {
    using temp = await world();
    // Thanksgiving, and a Saturday.
    await writeBars(temp, "stocks", "AAPL", "2024-11-28", wavingBars("2024-11-28T14:30:00Z", 5, 200));
    await writeBars(temp, "indices", "I:SPX", "2024-11-23", wavingBars("2024-11-23T14:30:00Z", 1, 6000));
    await writeBars(temp, "forex", "C:EUR-USD", "2024-11-22", wavingBars("2024-11-22T21:58:00Z", 4, 300));
    expect((await checkedCache(temp)).faults).toEqual([
      { kind: "closed-day", ...AAPL, date: "2024-11-28", detail: "5 bars, the first at 09:30 New York" },
      {
        kind: "outside-hours",
        dataset: "forex",
        symbol: "C:EUR-USD",
        date: "2024-11-22",
        detail: "2 bars, the first at 17:00 New York, hours are Sunday 17:00 to Friday 17:00",
      },
      { kind: "closed-day", ...SPX, date: "2024-11-23", detail: "1 bar, the first at 09:30 New York" },
    ]);
  });

  test("a day that is a copy of another, across a change of the clocks too", async () => {
    using temp = await world();
    await writeBars(temp, "indices", "I:SPX", "2024-07-01", wavingBars("2024-07-01T13:30:00Z", 40, 6001));
    const { faults, kinds } = await checkedCache(temp);
    expect(faults).toEqual([
      {
        kind: "same-bars",
        ...SPX,
        date: NEXT,
        detail: "the 40 bars of 2024-07-01, to the minute and the digit",
      },
    ]);
    expect(kinds).toEqual({ "same-bars": 1 });
  });
});
