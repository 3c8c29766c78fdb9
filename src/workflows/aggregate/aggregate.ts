import { setImmediate } from "node:timers/promises";
import { staleDays } from "../../cache/derivations.ts";
import { knownSymbolId, knownSymbols } from "../../cache/symbols.ts";
import { keptTimeframes, type KeptTimeframe } from "../../cache/timeframes.ts";
import { epochDayOf } from "../../core/dates.ts";
import type { Task } from "../../core/progress.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { timeframeName } from "../../core/timeframes.ts";
import type { SessionKind } from "../../core/windows.ts";
import type { RunContext } from "../context.ts";
import { aggregateDay } from "./aggregate-day.ts";

export interface AggregateOptions {
  readonly symbols: readonly TrackedSymbol[];
  readonly timeframes: readonly KeptTimeframe[];
  /** First and last day, both included; null for every day that is cached. */
  readonly range: { readonly from: string; readonly to: string } | null;
}

/** What making coarser bars came to, in the form of `--json`. */
export interface AggregateResult {
  readonly timeframes: readonly { readonly timeframe: string; readonly session: SessionKind }[];
  /** Days of symbols whose bars were made, and the minutes they were made from. */
  readonly days: number;
  readonly minutes: number;
  /** Batches that were written, and the bars in them. */
  readonly batches: number;
  readonly bars: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Bars among them that lack minutes. */
  readonly incomplete: number;
}

/** A day of a symbol, and the timeframes whose bars are not made from its present minutes. */
interface StaleDay {
  readonly symbolId: number;
  readonly epochDay: number;
  readonly timeframes: KeptTimeframe[];
}

/** Days that one transaction holds: few enough to be written in a moment, many enough to be worth a commit. */
const DAYS_OF_TRANSACTION = 50;

const LAST_EPOCH_DAY = 1_000_000;

/** Makes the coarser bars of every day whose minutes are others than those they were made from. */
export async function aggregate(context: RunContext, options: AggregateOptions): Promise<AggregateResult> {
  const { cache, progress, signal } = context;
  const counts = {
    days: 0,
    minutes: 0,
    batches: 0,
    bars: 0,
    added: 0,
    changed: 0,
    removed: 0,
    incomplete: 0,
  };
  const label = `make ${options.timeframes.map((kept) => timeframeName(kept.timeframeMinutes)).join(", ")} bars`;
  let task: Task | null = null;
  try {
    for (const symbol of options.symbols) {
      const days = staleDaysOf(context, symbol, options);
      for (let done = 0; done < days.length; done += DAYS_OF_TRANSACTION) {
        signal.throwIfAborted();
        task ??= progress.task({ label, unit: "minutes" });
        const group = days.slice(done, done + DAYS_OF_TRANSACTION);
        const made = await cache.write(() =>
          group.map((day) => aggregateDay(cache, symbol, day, day.timeframes)),
        );
        for (const { minutes, changes, incomplete } of made) {
          counts.days++;
          counts.minutes += minutes;
          counts.incomplete += incomplete;
          for (const { bars, added, changed, removed } of changes) {
            counts.batches++;
            counts.bars += bars;
            counts.added += added;
            counts.changed += changed;
            counts.removed += removed.length;
          }
          task.advance(minutes);
        }
        // Ctrl-C and what is drawn on the screen have their turn.
        await setImmediate();
      }
    }
  } catch (error) {
    task?.failed();
    throw error;
  }
  task?.done();
  const timeframes = options.timeframes.map(({ timeframeMinutes, session }) => ({
    timeframe: timeframeName(timeframeMinutes),
    session,
  }));
  return { timeframes, ...counts };
}

/** Brings the timeframes that the cache keeps up to date, for every symbol; null if it keeps none. */
export async function aggregateKept(context: RunContext): Promise<AggregateResult | null> {
  const timeframes = keptTimeframes(context.cache);
  if (timeframes.length === 0) return null;
  return aggregate(context, { symbols: knownSymbols(context.cache), timeframes, range: null });
}

function staleDaysOf(
  { cache }: RunContext,
  symbol: TrackedSymbol,
  { timeframes, range }: AggregateOptions,
): StaleDay[] {
  const symbolId = knownSymbolId(cache, symbol);
  if (symbolId === null) return [];
  const span = {
    symbolId,
    fromEpochDay: range === null ? 0 : epochDayOf(range.from),
    toEpochDay: range === null ? LAST_EPOCH_DAY : epochDayOf(range.to),
  };
  const days = new Map<number, StaleDay>();
  for (const kept of timeframes)
    for (const epochDay of staleDays(cache, span, kept.timeframeMinutes, kept.session)) {
      const day = days.get(epochDay) ?? { symbolId, epochDay, timeframes: [] };
      day.timeframes.push(kept);
      days.set(epochDay, day);
    }
  return [...days.values()].toSorted((one, other) => one.epochDay - other.epochDay);
}
