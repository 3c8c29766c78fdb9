import type { Bar } from "../../src/core/bar.ts";
import { barLine } from "../support/bar-lines.ts";

/** The coarser bars that a run of the chaos makes. */
export const COARSER = { "1h": 60, "1d": 1440 } as const;

const SESSION_MS = 390 * 60_000;
const VWAP_DIGITS = 12;

/**
 * The lines of the 1h and 1d bars of a stock exchange that lines of minutes make, worked out by other means than the
 * program's: days of late October and November 2024, none of which closes early.
 */
export function coarserLines(lines: readonly string[]): string[] {
  const bySymbol = Map.groupBy(lines, (line) => line.split(" ")[0] ?? "");
  return [...bySymbol].flatMap(([symbol, own]) =>
    Object.entries(COARSER).flatMap(([timeframe, minutes]) =>
      [...windowsOf(own.map(minuteOf), minutes * 60_000)].map(([startMs, inside]) =>
        barLine(symbol, timeframe, { windowStartMs: startMs, ...barOf(inside) }),
      ),
    ),
  );
}

function minuteOf(line: string): Bar {
  const [, , stamp, ...values] = line.split(" ");
  const [open, high, low, close, volume = null, vwap = null, transactions = null] = values.map((value) =>
    value === "-" ? null : Number(value),
  );
  const prices = { open: open ?? 0, high: high ?? 0, low: low ?? 0, close: close ?? 0 };
  return { windowStartMs: Date.parse(`${stamp}Z`), ...prices, volume, vwap, transactions };
}

/** The minutes of each window, counted from the session's open: 9:30 in New York, which was on summer time until 3 November. */
function windowsOf(minutes: readonly Bar[], widthMs: number): Map<number, Bar[]> {
  const windows = new Map<number, Bar[]>();
  for (const minute of minutes) {
    const date = new Date(minute.windowStartMs).toISOString().slice(0, 10);
    const openMs = Date.parse(`${date}T${date < "2024-11-03" ? "13:30" : "14:30"}:00Z`);
    const sinceOpenMs = minute.windowStartMs - openMs;
    if (sinceOpenMs < 0 || sinceOpenMs >= SESSION_MS) continue;
    const startMs = openMs + Math.floor(sinceOpenMs / widthMs) * widthMs;
    windows.set(startMs, [...(windows.get(startMs) ?? []), minute]);
  }
  return windows;
}

function barOf(minutes: readonly Bar[]): Omit<Bar, "windowStartMs"> {
  const traded = minutes.filter(({ volume }) => volume !== null && volume > 0);
  const volume = sum(traded.map((minute) => minute.volume ?? 0));
  const isPriced = volume > 0 && traded.every(({ vwap }) => vwap !== null);
  const weighed = sum(traded.map((minute) => (minute.vwap ?? 0) * (minute.volume ?? 0)));
  return {
    open: minutes[0]?.open ?? 0,
    high: Math.max(...minutes.map(({ high }) => high)),
    low: Math.min(...minutes.map(({ low }) => low)),
    close: minutes.at(-1)?.close ?? 0,
    volume: minutes.every((minute) => minute.volume === null) ? null : volume,
    vwap: isPriced ? Number((weighed / volume).toPrecision(VWAP_DIGITS)) : null,
    transactions: minutes.every(({ transactions }) => transactions === null)
      ? null
      : sum(minutes.map(({ transactions }) => transactions ?? 0)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
