import { describe, expect, test } from "bun:test";
import type { Bar } from "../../../src/core/bar.ts";
import { MINUTE_MS } from "../../../src/core/bar.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { Market } from "../../../src/sandbox/market/market.ts";
import { DEFAULT_TICKERS } from "../../../src/sandbox/tickers.ts";

const market = new Market(DEFAULT_TICKERS, 1);

/** First and last minute, UTC, and the number of bars. */
function spanOf(dataset: Dataset, ticker: string, date: string): [string, string, number] | null {
  const bars = market.bars(dataset, ticker, date);
  const first = bars[0];
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return null;
  return [minuteOf(first), minuteOf(last), bars.length];
}

function minuteOf(bar: Bar): string {
  return new Date(bar.windowStartMs).toISOString().slice(0, 16);
}

describe("Market", () => {
  test("gives the same bars for the same seed, and others for another", () => {
    const again = new Market(DEFAULT_TICKERS, 1).bars("indices", "I:SPX", "2024-11-22");
    const other = new Market(DEFAULT_TICKERS, 2).bars("indices", "I:SPX", "2024-11-22");
    expect(again).toEqual(market.bars("indices", "I:SPX", "2024-11-22"));
    expect(other).not.toEqual(again);
  });

  test.each<[Dataset, string, string, [string, string, number] | null]>([
    ["indices", "I:SPX", "2024-11-22", ["2024-11-22T14:30", "2024-11-22T20:59", 390]],
    ["indices", "I:SPX", "2024-07-03", ["2024-07-03T13:30", "2024-07-03T16:59", 210]],
    ["indices", "I:SPX", "2024-11-28", null],
    ["indices", "I:AAVE100", "2024-11-28", ["2024-11-28T06:00", "2024-11-29T05:59", 1440]],
    ["indices", "I:AAVE100", "2024-11-23", null],
    ["stocks", "AAPL", "2024-11-28", null],
    ["crypto", "X:BTC-USD", "2024-11-24", ["2024-11-24T00:00", "2024-11-24T23:59", 1440]],
    ["forex", "C:EUR-USD", "2024-11-22", ["2024-11-22T05:00", "2024-11-22T21:59", 1020]],
    ["forex", "C:EUR-USD", "2024-11-23", null],
    ["forex", "C:EUR-USD", "2024-11-24", ["2024-11-24T22:00", "2024-11-25T04:59", 420]],
    ["indices", "I:UNLISTED", "2024-11-22", null],
  ])("%s %s on %s", (dataset, ticker, date, span) => {
    expect(spanOf(dataset, ticker, date)).toEqual(span);
  });

  test("liquid stocks have every minute of the session and gaps outside it", () => {
    const openMs = Date.parse("2024-11-22T14:30Z");
    const closeMs = Date.parse("2024-11-22T21:00Z");
    const bars = market.bars("stocks", "AAPL", "2024-11-22");
    const regular = bars.filter((bar) => bar.windowStartMs >= openMs && bar.windowStartMs < closeMs);
    expect(regular.length).toBe(390);
    expect(bars.length - regular.length).toBeWithin(250, 450);
    expect(bars.every((bar) => bar.windowStartMs >= Date.parse("2024-11-22T09:00Z"))).toBe(true);
    expect(bars.every((bar) => bar.windowStartMs < Date.parse("2024-11-23T01:00Z"))).toBe(true);
    expect(market.bars("stocks", "BCpC", "2024-11-22").length).toBeWithin(50, 390);
  });

  test("options are sparse, from 09:30 to 16:15", () => {
    const bars = DEFAULT_TICKERS.options.flatMap((ticker) => market.bars("options", ticker, "2024-11-22"));
    expect(bars.length).toBeWithin(50, 800);
    expect(bars.every((bar) => bar.windowStartMs >= Date.parse("2024-11-22T14:30Z"))).toBe(true);
    expect(bars.every((bar) => bar.windowStartMs < Date.parse("2024-11-22T21:15Z"))).toBe(true);
  });

  test("every bar is consistent and starts on a minute", () => {
    const wrong: Bar[] = [];
    for (const [dataset, ticker] of [
      ["indices", "I:VIX"],
      ["stocks", "F"],
      ["options", "O:A261218C00120000"],
      ["crypto", "X:ETH-USD"],
      ["forex", "C:USD-JPY"],
    ] as const)
      for (const bar of market.bars(dataset, ticker, "2026-03-05"))
        if (
          bar.low <= 0 ||
          bar.low > Math.min(bar.open, bar.close) ||
          bar.high < Math.max(bar.open, bar.close) ||
          bar.windowStartMs % MINUTE_MS !== 0 ||
          (dataset !== "indices" && (bar.volume ?? 0) <= 0)
        )
          wrong.push(bar);
    expect(wrong).toEqual([]);
  });

  test("a day opens near where the day before closed, and the level looks like the index's", () => {
    const friday = market.bars("indices", "I:SPX", "2024-11-22");
    const monday = market.bars("indices", "I:SPX", "2024-11-25");
    const change = Math.abs((monday[0]?.open ?? 0) / (friday.at(-1)?.close ?? 1) - 1);
    expect(change).toBeLessThan(0.03);
    expect(monday[0]?.open).toBeWithin(4700, 7100);
  });

  test("a revised day has changed, removed and added bars for the named tickers only", () => {
    const own = new Market(DEFAULT_TICKERS, 1);
    const before = own.bars("indices", "I:SPX", "2024-11-22");
    own.revise("indices", "2024-11-22", ["I:SPX"]);
    const after = new Map(own.bars("indices", "I:SPX", "2024-11-22").map((bar) => [bar.windowStartMs, bar]));
    const kept = before.filter((bar) => after.has(bar.windowStartMs));
    expect({
      removed: before.length - kept.length,
      added: after.size - kept.length,
      changed: kept.filter((bar) => after.get(bar.windowStartMs)?.close !== bar.close).length,
    }).toEqual({ removed: 4, added: 1, changed: 10 });
    expect(own.bars("indices", "I:NDX", "2024-11-22")).toEqual(market.bars("indices", "I:NDX", "2024-11-22"));
  });
});
