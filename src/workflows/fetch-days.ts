import { DayWriter, type DayChanges } from "../cache/day-writer.ts";
import type { Bar } from "../core/bar.ts";
import { DATASET_FACTS } from "../core/datasets.ts";
import { addDays, zonedTimeMs } from "../core/dates.ts";
import type { BackfillError } from "../core/errors.ts";
import { DELAY_MS } from "../core/publication.ts";
import { sessionOf } from "../core/sessions.ts";
import { dropUnfinished, minuteBarPages, type MinuteBarsPage } from "../massive/aggregates.ts";
import type { RestClient } from "../massive/rest-client.ts";
import type { RunContext } from "./context.ts";
import { errorOfDay, isForAll } from "./failures.ts";
import type { PlannedRequest } from "./planning/requests.ts";

/** What is counted while a question is asked, of all the requests that it takes. */
export class AskedCounts {
  /** Sent, whatever came of them, those that were tried again included: what a plan with a limit counts. */
  requests = 0;
  /** Bars that cannot be right and were left out. */
  rejected = 0;
  /** The dates that were answered and are in the cache. */
  readonly dates: string[] = [];
  changes: DayChanges = { batches: 0, bars: 0, added: 0, changed: 0, removed: 0 };

  wrote(date: string, changes: DayChanges): void {
    this.dates.push(date);
    this.changes = {
      batches: this.changes.batches + changes.batches,
      bars: this.changes.bars + changes.bars,
      added: this.changes.added + changes.added,
      changed: this.changes.changed + changes.changed,
      removed: this.changes.removed + changes.removed,
    };
  }
}

/** Dates that were not answered, and why. */
export interface Unanswered {
  readonly dates: readonly string[];
  readonly error: BackfillError;
}

/**
 * Asks for the days of one request and writes them to the cache as the pages come, those of a page in one
 * transaction: a day is written once a later bar shows that it is whole, one without bars at the end of the answer. So memory holds
 * a page and what is left of the one before, and whatever happens later the days that were written stay. Minutes
 * that are not over yet are left out.
 * @returns what could not be had; null if nothing is missing.
 * @throws what is no matter of these days: a bug, a full disk, the reason of the context's signal.
 */
export async function fetchDays(
  context: RunContext,
  rest: RestClient,
  request: PlannedRequest,
  counts: AskedCounts,
  onPage: () => void,
): Promise<Unanswered | null> {
  const { dataset, ticker } = request.symbol;
  const { from, to } = request;
  const question = { dataset, ticker, from, to, onSent: () => void counts.requests++ };
  const days = new OpenDays(request);
  try {
    for await (const page of minuteBarPages(rest, question, context.signal)) {
      onPage();
      counts.rejected += page.rejected.length;
      await writeDays(context, request, days.add(page), page.delayed, counts);
    }
    return null;
  } catch (error) {
    return { dates: days.dates(), error: isForAll(error) ? error : errorOfDay(error) };
  }
}

interface DayOfBars {
  readonly date: string;
  readonly bars: readonly Bar[];
}

interface OpenDay {
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The wanted days that are not whole yet, with the bars that have come for them. */
class OpenDays {
  #days: readonly OpenDay[];
  #bars: readonly Bar[] = [];

  constructor({ symbol, dates }: PlannedRequest) {
    const { dayTimeZone } = DATASET_FACTS[symbol.dataset];
    this.#days = dates.map((date) => ({
      date,
      startMs: zonedTimeMs(date, "00:00", dayTimeZone),
      endMs: zonedTimeMs(addDays(date, 1), "00:00", dayTimeZone),
    }));
  }

  dates(): string[] {
    return this.#days.map(({ date }) => date);
  }

  /** Takes a page; the answer is the days that are whole now, which are open no more. */
  add(page: MinuteBarsPage): DayOfBars[] {
    const bars = [...this.#bars, ...page.bars];
    const lastMs = bars.at(-1)?.windowStartMs ?? Number.NEGATIVE_INFINITY;
    const whole: DayOfBars[] = [];
    const open: OpenDay[] = [];
    let index = 0;
    for (const day of this.#days) {
      const { date, startMs, endMs } = day;
      if (!page.isLast && lastMs < endMs) {
        open.push(day);
        continue;
      }
      while (index < bars.length && (bars[index]?.windowStartMs ?? 0) < startMs) index++;
      const first = index;
      while (index < bars.length && (bars[index]?.windowStartMs ?? 0) < endMs) index++;
      // That a day has no bars is no proof before the answer is at its end.
      if (first === index && !page.isLast) open.push(day);
      else whole.push({ date, bars: bars.slice(first, index) });
    }
    this.#days = open;
    this.#bars = bars.slice(index);
    return whole;
  }
}

async function writeDays(
  context: RunContext,
  { symbol }: PlannedRequest,
  days: readonly DayOfBars[],
  isDelayed: boolean,
  counts: AskedCounts,
): Promise<void> {
  if (days.length === 0) return;
  // A delayed plan has nothing of the last quarter of an hour.
  const readAtMs = isDelayed ? context.nowMs - DELAY_MS : context.nowMs;
  const written = await context.cache.write(() =>
    days.map(({ date, bars }) => {
      const session = sessionOf(symbol.dataset, date);
      const origin = { source: "api", flatFileId: null, readAtMs, session, isDelayed } as const;
      const writer = new DayWriter(context.cache, symbol.dataset, date, origin);
      // An answer that lacks what an earlier one had is a failing of the service, not a change of the market.
      writer.putOver(symbol.ticker, dropUnfinished(bars, context.nowMs));
      return { date, changes: writer.finish().changes };
    }),
  );
  for (const { date, changes } of written) counts.wrote(date, changes);
}
