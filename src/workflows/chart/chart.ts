import { batchesOf } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import type { DaySpan } from "../../cache/derivations.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { MINUTE_MS } from "../../core/bar.ts";
import { DATASET_FACTS } from "../../core/datasets.ts";
import { dateOfEpochDay, epochDayOf } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { sessionHoles } from "../../core/session-holes.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import type { SessionKind } from "../../core/windows.ts";
import { batchBars } from "../../cache/bars.ts";
import { status } from "../coverage/status.ts";
import type { DayState } from "../coverage/day-state.ts";
import { chartBars, type ChartBar } from "./chart-bars.ts";
import { withoutBars, type WithoutBars } from "./without-bars.ts";

export interface ChartOptions {
  readonly symbol: TrackedSymbol;
  readonly timeframeMinutes: number;
  readonly from: string;
  readonly to: string;
  readonly nowMs: number;
}

/** A day of a chart. */
export interface ChartDay {
  readonly date: string;
  readonly state: DayState;
  readonly source: "flatfile" | "api" | null;
  /** Whether a flat file may still correct its bars. */
  readonly provisional: boolean;
  /** Minutes that it has, and that its session has where every one has a bar. */
  readonly bars: number;
  readonly expected: number | null;
}

/** Minutes in a row of a session, epoch ms with the end exclusive, that have no bar though they should. */
interface ChartHole {
  readonly from: number;
  readonly to: number;
  readonly minutes: number;
}

/** What a chart shows, in the form of `show --json`. */
export interface Chart extends TrackedSymbol {
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
  readonly session: SessionKind;
  readonly made: "cached" | "now";
  readonly days: readonly ChartDay[];
  readonly holes: readonly ChartHole[];
  /** Why there are no bars; null if there are some. */
  readonly withoutBars: WithoutBars | null;
  readonly bars: readonly ChartBar[];
}

/**
 * The bars of one symbol over some days, with what is known of them.
 * @throws BackfillError (usage) if the cache has nothing of the symbol, or far too much.
 */
export function chart(cache: Cache, { symbol, timeframeMinutes, from, to, nowMs }: ChartOptions): Chart {
  const symbolId = knownSymbolId(cache, symbol);
  if (symbolId === null) throw nothingOf(symbol);
  const span = { symbolId, fromEpochDay: epochDayOf(from), toEpochDay: epochDayOf(to) };
  // One moment of the cache, whatever a run beside us writes.
  return cache.db.transaction(() => {
    const shown = chartBars(cache, symbol, span, timeframeMinutes);
    const days = daysOf(cache, symbol, { from, to, nowMs });
    return {
      ...symbol,
      timeframe: timeframeName(timeframeMinutes),
      from,
      to,
      session: shown.session,
      made: shown.made,
      days,
      holes: holesOf(cache, symbol, span),
      withoutBars: shown.bars.length > 0 ? null : withoutBars(symbol.dataset, days),
      bars: shown.bars,
    };
  })();
}

function daysOf(
  cache: Cache,
  symbol: TrackedSymbol,
  range: { readonly from: string; readonly to: string; readonly nowMs: number },
): ChartDay[] {
  const [coverage] = status(cache, { symbols: [symbol], ...range, target: null }).symbols;
  if (coverage === undefined) return [];
  return coverage.days.map((_, index) => {
    const { date, state, source, bars, expected } = coverage.day(index);
    return { date, state, source, provisional: source === "api" && bars > 0, bars, expected };
  });
}

/** The minutes that lack; those that were still to come when the API was asked do not. */
function holesOf(
  cache: Cache,
  { dataset }: TrackedSymbol,
  { symbolId, fromEpochDay, toEpochDay }: DaySpan,
): ChartHole[] {
  if (!DATASET_FACTS[dataset].barsEveryMinute) return [];
  const partial = batchesOf(cache, symbolId, ONE_MINUTE, fromEpochDay, toEpochDay).filter(
    ({ epochDay, sessionBarCount }) =>
      sessionBarCount < (sessionOf(dataset, dateOfEpochDay(epochDay))?.minutes ?? 0),
  );
  return partial.flatMap((batch) => {
    const { epochDay, barCount, source, readAtMs } = batch;
    const session = sessionOf(dataset, dateOfEpochDay(epochDay));
    if (session === null || barCount === 0) return [];
    const knownUntilMs = source === "api" ? Math.floor(readAtMs / MINUTE_MS) * MINUTE_MS : session.closeMs;
    const closeMs = Math.max(session.openMs, Math.min(session.closeMs, knownUntilMs));
    const starts = batchBars(cache, batch).map(({ windowStartMs }) => windowStartMs);
    return sessionHoles(starts, { openMs: session.openMs, closeMs }).map(([first, last]) => ({
      from: session.openMs + first * MINUTE_MS,
      to: session.openMs + (last + 1) * MINUTE_MS,
      minutes: last - first + 1,
    }));
  });
}

function nothingOf({ symbol, dataset }: TrackedSymbol): BackfillError {
  return new BackfillError({
    kind: "usage",
    operation: `show ${symbol}`,
    reason: `the cache has nothing of it (${dataset})`,
    nextStep: "See what is cached with: massive-backfill status.",
  });
}
