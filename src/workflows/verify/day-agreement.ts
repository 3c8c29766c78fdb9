import type { Bar } from "../../core/bar.ts";
import type { Dataset } from "../../core/datasets.ts";
import type { Session } from "../../core/sessions.ts";

/** A number of the vendor's day bar that the minutes do not bear out. */
export interface Disagreement {
  readonly field: "open" | "high" | "low" | "close" | "volume";
  /** What the day bar says. */
  readonly vendor: number;
  /** The reading of the minutes that comes nearest. */
  readonly ours: number;
}

/**
 * By how much a stock's day may exceed the sum of its minutes: what trades without being eligible for a bar (closing
 * auctions that are reported late, trades off the exchanges in extended hours, minutes with nothing else) counts in the
 * day only. Users measured 13 and 14 % (github.com/polygon-io/issues/issues/70); where indices are rebalanced the auction
 * alone is a third.
 */
const MOST_AUCTION_SHARE = 0.5;
/** Trades are cancelled and corrected after their minute was told. */
const VOLUME_SLACK = 0.01;
/** Two decimal texts of one number may be this far apart as doubles. */
const ROUNDING = 1e-9;

/**
 * Compares the vendor's bar of a day with what its minutes say. Which trades make a day's open, high, low and close is
 * decided by sale conditions that minutes do not show (the vendor's article on how it makes aggregates): so each number
 * agrees if it is that of the regular session, of the session with the closing auction (the opening trade of the minute
 * after the close), or of the whole day with the trading before and after it (in extended hours trades make minutes, but
 * of a day only the volume, says that article). `tolerancePercent` is how far a price may be
 * from all of them.
 */
export function disagreements(
  dataset: Dataset,
  session: Session | null,
  bars: readonly Bar[],
  day: Bar,
  tolerancePercent: number,
): Disagreement[] {
  const found: Disagreement[] = [];
  const readings = readingsOf(session, bars);
  for (const field of ["open", "high", "low", "close"] as const) {
    const vendor = day[field];
    const ours = nearest(vendor, readings[field]);
    const slack = Math.max(ROUNDING, tolerancePercent / 100) * Math.abs(vendor);
    if (Math.abs(vendor - ours) > slack) found.push({ field, vendor, ours });
  }
  const volume = volumeDisagreement(dataset, session, bars, day);
  if (volume !== null) found.push(volume);
  return found;
}

type Readings = Readonly<Record<"open" | "high" | "low" | "close", readonly number[]>>;

function readingsOf(session: Session | null, bars: readonly Bar[]): Readings {
  const inSession = sessionBars(session, bars);
  const auction = bars.find(({ windowStartMs }) => windowStartMs === session?.closeMs);
  const parts = [bars, inSession].filter((part) => part.length > 0);
  const withAuction = (values: readonly number[], pick: (...values: number[]) => number) =>
    auction === undefined ? values : [...values, ...values.map((value) => pick(value, auction.open))];
  return {
    open: parts.map((part) => part[0]?.open ?? Number.NaN),
    high: withAuction(
      parts.map((part) => highest(part)),
      Math.max,
    ),
    low: withAuction(
      parts.map((part) => lowest(part)),
      Math.min,
    ),
    close: [
      ...parts.map((part) => part.at(-1)?.close ?? Number.NaN),
      ...(auction === undefined ? [] : [auction.open, auction.close]),
    ],
  };
}

function sessionBars(session: Session | null, bars: readonly Bar[]): readonly Bar[] {
  if (session === null) return bars;
  const { openMs, closeMs } = session;
  return bars.filter(({ windowStartMs }) => windowStartMs >= openMs && windowStartMs < closeMs);
}

function volumeDisagreement(
  dataset: Dataset,
  session: Session | null,
  bars: readonly Bar[],
  { volume: vendor }: Bar,
): Disagreement | null {
  if (vendor === null || bars.every(({ volume }) => volume === null)) return null;
  const whole = volumeOf(bars);
  // Whether the day counts what trades outside the session is decided trade by trade too.
  const least = volumeOf(sessionBars(session, bars)) * (1 - VOLUME_SLACK);
  const most = whole * (1 + VOLUME_SLACK + (dataset === "stocks" ? MOST_AUCTION_SHARE : 0));
  return vendor >= least && vendor <= most ? null : { field: "volume", vendor, ours: whole };
}

function volumeOf(bars: readonly Bar[]): number {
  return bars.reduce((sum, { volume }) => sum + (volume ?? 0), 0);
}

function highest(bars: readonly Bar[]): number {
  return bars.reduce((most, { high }) => Math.max(most, high), Number.NEGATIVE_INFINITY);
}

function lowest(bars: readonly Bar[]): number {
  return bars.reduce((least, { low }) => Math.min(least, low), Number.POSITIVE_INFINITY);
}

function nearest(value: number, readings: readonly number[]): number {
  return readings.reduce(
    (best, reading) => (Math.abs(reading - value) < Math.abs(best - value) ? reading : best),
    readings[0] ?? Number.NaN,
  );
}
