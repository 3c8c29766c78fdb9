import type { Bar } from "../../core/bar.ts";
import { addDays, dateInZone } from "../../core/dates.ts";
import type { BackfillError } from "../../core/errors.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { dayBars } from "../../massive/aggregates.ts";
import type { RestClient } from "../../massive/rest-client.ts";
import { memberOf } from "../../massive/unknown-json.ts";
import { findEntitledFrom } from "../plan-edge.ts";
import { isPlanRefusal } from "./plan-refusal.ts";

/** Day bars of one symbol, as far as the plan includes them. */
export interface EntitledDayBars {
  /** By date. */
  readonly bars: ReadonlyMap<string, Bar>;
  /** By date, why what came cannot be a bar. */
  readonly bad: ReadonlyMap<string, string>;
  /** The first of the dates that the plan includes; null if it includes none. */
  readonly from: string | null;
  /** Why not all dates could be asked for; null if they could. */
  readonly refusal: BackfillError | null;
}

/** Which day bars of a symbol are asked for. */
export interface DayBarsQuestion {
  readonly symbol: TrackedSymbol;
  /** Oldest first. */
  readonly dates: readonly string[];
  /** Told of every request that is sent. */
  readonly onSent: () => void;
}

/**
 * Asks the API for the day bars of a symbol, all at once; if the plan does not reach back to the first, for those from
 * where it begins, which a handful of small questions finds out.
 * @throws BackfillError (settings or source) for what is no refusal by the plan; the reason of `signal`.
 */
export async function entitledDayBars(
  rest: RestClient,
  { symbol, dates, onSent }: DayBarsQuestion,
  signal: AbortSignal,
): Promise<EntitledDayBars> {
  const bars = new Map<string, Bar>();
  const bad = new Map<string, string>();
  const last = dates.at(-1) ?? "";
  const askFrom = async (from: string, to: string): Promise<BackfillError | null> => {
    // Days of pairs begin at midnight in UTC, when New York, by which they are asked for, still has the day before.
    const first = symbol.dataset === "forex" ? addDays(from, -1) : from;
    const question = { dataset: symbol.dataset, ticker: symbol.ticker, from: first, to, onSent };
    try {
      const answer = await dayBars(rest, question, signal);
      for (const bar of answer.bars) bars.set(dateOfStamp(bar.windowStartMs), bar);
      for (const { reason, text } of answer.rejected) {
        const stampMs = memberOf(parsed(text), "t");
        if (typeof stampMs === "number") bad.set(dateOfStamp(stampMs), `${reason}: ${rest.masked(text)}`);
      }
      return null;
    } catch (error) {
      if (isPlanRefusal(error)) return error;
      throw error;
    }
  };
  const refusal = await askFrom(dates[0] ?? "", last);
  if (refusal === null) return { bars, bad, from: dates[0] ?? null, refusal };
  if (refusal.code !== "not-entitled-date") return { bars, bad, from: null, refusal };
  const days = dates.map((date) => ({ date }));
  const from = await findEntitledFrom(days, async ({ date }) => (await askFrom(date, date)) === null);
  if (from !== null) await askFrom(from, last);
  return { bars, bad, from, refusal };
}

/** The stamp is a midnight west of Greenwich, or there: it lies on its date in UTC. */
function dateOfStamp(stampMs: number): string {
  return dateInZone(stampMs, "UTC");
}

/** The element of an answer, which may have been cut where it was kept as text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
