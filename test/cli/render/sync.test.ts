import { expect, test } from "bun:test";
import { syncPlanText, syncText } from "../../../src/cli/render/sync.ts";
import { SYNCED } from "./results.ts";

const TARGET = "db.example:5432/market public.historical_bars";
const DAYS = { from: "2024-11-21", to: "2024-11-22" };

test("a plan shows a line for each symbol", () => {
  const symbols = [
    { symbol: "AAPL", batches: 1, bars: 390, from: "2024-11-22", to: "2024-11-22" },
    { symbol: "X:BTC-USD", batches: 250, bars: 360_000, ...DAYS },
  ];
  expect(syncPlanText({ target: TARGET, batches: 251, bars: 360_390, symbols, waitingDays: 0 })).toBe(
    `To sync (nothing was done): 251 batches, 360,390 bars, to ${TARGET}
  AAPL       2024-11-22 to 2024-11-22         1 batch           390 bars
  X:BTC-USD  2024-11-21 to 2024-11-22     250 batches       360,000 bars
`,
  );
});

test("a plan of many symbols shows the first ones and counts the others", () => {
  const symbols = Array.from({ length: 42 }, (_, index) => ({
    symbol: `S${index}`,
    batches: 1,
    bars: 1,
    ...DAYS,
  }));
  const lines = syncPlanText({ target: TARGET, batches: 42, bars: 42, symbols, waitingDays: 0 }).split("\n");
  expect(lines).toHaveLength(43);
  expect(lines.slice(-3)).toEqual([
    "  S39  2024-11-21 to 2024-11-22         1 batch             1 bars",
    "  … and 2 more symbols (all with --json)",
    "",
  ]);
});

test("a plan of nothing says so", () => {
  const nothing = { target: TARGET, batches: 0, bars: 0, symbols: [] };
  expect(syncPlanText({ ...nothing, waitingDays: 0 })).toBe(`Nothing to sync to ${TARGET}.\n`);
  expect(syncPlanText({ ...nothing, waitingDays: 2 })).toBe(
    `First coarser bars of 2 days are made from the minutes.\nNothing else to sync to ${TARGET}.\n`,
  );
});

test("a sync says what it did; one that had nothing to do begins with that", () => {
  expect(syncText({ derived: null, sync: SYNCED }, 1500, false)).toBe(`🐘 Postgres:
  ├─ Target: ${TARGET}
  ├─ Synced: 49,140 bars in 126 batches (49,140 inserted, 0 updated, 0 deleted)
  └─ Created the table public.historical_bars
  in 1.5 s
`);
  const nothing = { derived: null, sync: { ...SYNCED, batches: 0 } };
  expect([false, true].map((isNarrowed) => syncText(nothing, 1500, isNarrowed).split("\n")[0])).toEqual([
    "Nothing to sync: Postgres has it all.",
    "Nothing to sync: Postgres has all of what was chosen.",
  ]);
});

test("a sync that has made coarser bars first says so", () => {
  const timeframes = [{ timeframe: "1h", session: "regular" }] as const;
  const counts = {
    days: 1,
    minutes: 390,
    batches: 1,
    bars: 7,
    added: 0,
    changed: 2,
    removed: 0,
    incomplete: 0,
  };
  const [made, nothing] = [
    { timeframes, ...counts },
    { timeframes, ...counts, batches: 0 },
  ].map((derived) => syncText({ derived, sync: SYNCED }, 1500, false).split("\n")[0]);
  expect([made, nothing]).toEqual([
    "1h bars: 7 made from 1 day (0 new, 2 changed, 0 removed)",
    "🐘 Postgres:",
  ]);
});
