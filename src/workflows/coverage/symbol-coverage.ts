import type { DaySeries } from "../../cache/day-series.ts";
import type { DayProblem } from "../../cache/problems.ts";
import { formatCount } from "../../core/format.ts";
import { isFinalAnswer } from "../../core/publication.ts";
import { holeTimes, type SessionHole } from "../../core/session-holes.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import type { DayFacts } from "./day-facts.ts";
import { DAY_STATES, dayState, STATE_NUMBERS, type DayState, type SymbolFacts } from "./day-state.ts";
import { UsualBars } from "./usual-bars.ts";

/** One cell of the coverage, in the form of `status --json`. */
export interface CoverageDay {
  readonly date: string;
  readonly state: DayState;
  readonly source: "flatfile" | "api" | null;
  readonly bars: number;
  /** Minutes of the session where every minute has a bar (indices); null where bars come with trades. */
  readonly expected: number | null;
  readonly synced: boolean;
  /** Whether the bars are those of a plan whose data is 15 minutes late. */
  readonly delayed: boolean;
  /** How many bars the days before make likely, if this day has far fewer; else null. */
  readonly usual: number | null;
  /** The minutes of the session without a bar where every minute has one, in New York's clock times. */
  readonly missing: readonly { readonly from: string; readonly to: string }[];
  /** Why the day is as it is, where there is more to say than its state. */
  readonly note: string | null;
}

/** Days of a symbol by state, and other sums over them. */
export interface CoverageTotals extends Readonly<Record<DayState, number>> {
  readonly bars: number;
  readonly flatfile: number;
  readonly api: number;
  /** Days with far fewer bars than usual. */
  readonly suspicious: number;
  /** Days that the database lacks; 0 if none is known. */
  readonly unsynced: number;
  /** The first and last day with bars; null if none has any. */
  readonly first: string | null;
  readonly last: string | null;
}

/** What the coverage of a symbol is worked out from. */
export interface CoverageSources extends Omit<SymbolFacts, "dataset"> {
  /** In the order of dates, without gaps. */
  readonly days: readonly DayFacts[];
  /** The days before them, by which the bars of the first of them are many or few. */
  readonly before: readonly DayFacts[];
  /** The batches of both. */
  readonly series: DaySeries;
  /** Whether a database has the batch of a day; false for all without a database. */
  readonly isSynced: (epochDay: number) => boolean;
  readonly hasTarget: boolean;
  /** The runs of minutes without a bar of a day that is partial. */
  readonly holes: (epochDay: number) => readonly SessionHole[];
}

const [NO_SOURCE, FLAT_FILE, API] = [0, 1, 2];
/**
 * `UNFINISHED`: an answer of the API that may not be the last word about its day. `UNREAD`: its bars are not to be trusted,
 * and are there until the day is read again.
 */
const [READ, SYNCED, DELAYED, UNFINISHED, UNREAD] = [1, 2, 4, 8, 16];
const SOURCES = [null, "flatfile", "api"] as const;
const NOT_JUDGED: ReadonlySet<DayState> = new Set(["closed", "pending", "denied", "missing", "failed"]);

/** The coverage of one symbol: a few bytes a day, since ten years of 500 symbols have two million days. */
export class SymbolCoverage implements TrackedSymbol {
  readonly dataset: TrackedSymbol["dataset"];
  readonly ticker: string;
  readonly symbol: string;
  readonly days: readonly DayFacts[];
  readonly totals: CoverageTotals;
  readonly #sources: CoverageSources;
  readonly #states: Uint8Array;
  readonly #from: Uint8Array;
  readonly #marks: Uint8Array;
  readonly #bars: Uint16Array;
  readonly #sessionBars: Uint16Array;
  /** Of the days before the first, by their number since 1970-01-01. */
  readonly #barsBefore = new Map<number, number>();
  /** By index of the day, where a day has far fewer bars than usual. */
  readonly #usual = new Map<number, number>();

  constructor({ dataset, ticker, symbol }: TrackedSymbol, sources: CoverageSources) {
    this.dataset = dataset;
    this.ticker = ticker;
    this.symbol = symbol;
    this.days = sources.days;
    this.#sources = sources;
    const count = sources.days.length;
    this.#states = new Uint8Array(count);
    this.#from = new Uint8Array(count);
    this.#marks = new Uint8Array(count);
    this.#bars = new Uint16Array(count);
    this.#sessionBars = new Uint16Array(count);
    const facts = { ...sources, dataset };
    this.#readSeries(facts);
    this.#fillOthers(facts);
    this.#findFarFewer();
    this.totals = this.#sum(sources.hasTarget);
  }

  state(index: number): DayState {
    return DAY_STATES[this.#states[index] ?? 0] ?? "closed";
  }

  source(index: number): CoverageDay["source"] {
    return SOURCES[this.#from[index] ?? NO_SOURCE] ?? null;
  }

  bars(index: number): number {
    return this.#bars[index] ?? 0;
  }

  /** How many bars are usual, if the day has far fewer; else null. */
  usual(index: number): number | null {
    return this.#usual.get(index) ?? null;
  }

  /** Whether the bars are there only until the day is read again. */
  isUnread(index: number): boolean {
    return this.#has(index, UNREAD);
  }

  /** Why the last run has not brought the day; null if it did, or was not asked to. */
  problem(index: number): DayProblem | null {
    const day = this.days[index];
    return day === undefined || this.#has(index, READ) ? null : this.#sources.problem(day.date);
  }

  /** The minutes without a bar of a partial day, in New York's clock times. */
  missingMinutes(index: number): CoverageDay["missing"] {
    const day = this.days[index];
    if (day === undefined || this.state(index) !== "partial") return [];
    return this.#sources.holes(day.epochDay).map(holeTimes);
  }

  /** The whole cell. */
  day(index: number): CoverageDay {
    const facts = this.days[index];
    if (facts === undefined) throw new RangeError(`there is no day ${index}`);
    return {
      date: facts.date,
      state: this.state(index),
      source: this.source(index),
      bars: this.bars(index),
      expected: facts.expected,
      synced: this.#has(index, SYNCED),
      delayed: this.#has(index, DELAYED),
      usual: this.usual(index),
      missing: this.missingMinutes(index),
      note: this.note(index),
    };
  }

  /** Why the day is as it is, in words; null where its state says all. */
  note(index: number): string | null {
    const problem = this.problem(index);
    if (problem !== null) return problem.error;
    if (!this.#has(index, READ)) return null;
    if (this.isUnread(index)) return "marked as not read by verify --repair";
    const notes: string[] = [];
    const [expected, sessionBars] = [this.days[index]?.expected ?? null, this.#sessionBars[index] ?? 0];
    if (expected !== null && this.bars(index) > 0 && sessionBars < expected)
      notes.push(`${sessionBars} of ${expected} minutes`);
    if (this.#has(index, DELAYED) && this.#has(index, UNFINISHED))
      notes.push("your plan's data is 15 minutes late");
    const usual = this.usual(index);
    if (usual !== null)
      notes.push(`${formatCount(this.bars(index))} bars where about ${formatCount(usual)} are usual`);
    return notes.length === 0 ? null : notes.join("; ");
  }

  #readSeries(facts: SymbolFacts): void {
    const { days, series, isSynced } = this.#sources;
    const firstDay = days[0]?.epochDay ?? 0;
    while (series.next()) {
      const index = series.epochDay - firstDay;
      const day = days[index];
      if (day === undefined) {
        this.#barsBefore.set(series.epochDay, series.barCount);
        continue;
      }
      this.#states[index] = STATE_NUMBERS[dayState(day, series, facts)];
      // An answer of the API is of some moment.
      const isUnread = series.source === "api" && series.readAtMs === 0;
      if (series.source !== "derived" && !isUnread)
        this.#from[index] = series.source === "api" ? API : FLAT_FILE;
      this.#bars[index] = series.barCount;
      this.#sessionBars[index] = series.sessionBarCount;
      const isUnfinished = series.source === "api" && !isFinalAnswer(this.dataset, day.date, series);
      this.#marks[index] =
        READ |
        (!isUnread && isSynced(day.epochDay) ? SYNCED : 0) |
        (series.isDelayed ? DELAYED : 0) |
        (isUnfinished ? UNFINISHED : 0) |
        (isUnread ? UNREAD : 0);
    }
  }

  #fillOthers(facts: SymbolFacts): void {
    let index = 0;
    for (const day of this.days) {
      if (!this.#has(index, READ) && day.canHaveBars)
        this.#states[index] = STATE_NUMBERS[dayState(day, null, facts)];
      index++;
    }
  }

  /** A contract that has expired is no hole, so options' days without bars are not judged. */
  #findFarFewer(): void {
    const usual = this.#usualBefore();
    let index = -1;
    for (const day of this.days) {
      index++;
      const state = this.state(index);
      if (day.sessionMinutes === 0 || NOT_JUDGED.has(state) || this.#has(index, UNFINISHED)) continue;
      if (state === "absent" && this.dataset === "options") continue;
      const bars = this.bars(index);
      if (day.expected === null || state === "absent") {
        const much = usual.farMoreUsual(bars, day.sessionMinutes);
        if (much !== null) this.#usual.set(index, much);
      }
      usual.add(bars, day.sessionMinutes);
    }
  }

  #usualBefore(): UsualBars {
    const usual = new UsualBars();
    for (const { epochDay, sessionMinutes } of this.#sources.before) {
      const bars = this.#barsBefore.get(epochDay);
      if (bars !== undefined && sessionMinutes > 0) usual.add(bars, sessionMinutes);
    }
    return usual;
  }

  #sum(hasTarget: boolean): CoverageTotals {
    const counts = new Uint32Array(DAY_STATES.length);
    const sums = { bars: 0, flatfile: 0, api: 0, unsynced: 0 };
    let [first, last]: (number | null)[] = [null, null];
    for (let index = 0; index < this.days.length; index++) {
      const state = this.#states[index] ?? 0;
      counts[state] = (counts[state] ?? 0) + 1;
      const source = this.source(index);
      if (source === null) continue;
      sums[source]++;
      sums.bars += this.bars(index);
      if (hasTarget && !this.#has(index, SYNCED)) sums.unsynced++;
      if (this.bars(index) === 0) continue;
      first ??= index;
      last = index;
    }
    const dateAt = (index: number | null | undefined) =>
      index == null ? null : (this.days[index]?.date ?? null);
    const days = (state: DayState) => counts[STATE_NUMBERS[state]] ?? 0;
    return {
      complete: days("complete"),
      partial: days("partial"),
      provisional: days("provisional"),
      pending: days("pending"),
      missing: days("missing"),
      closed: days("closed"),
      absent: days("absent"),
      denied: days("denied"),
      failed: days("failed"),
      ...sums,
      suspicious: this.#usual.size,
      first: dateAt(first),
      last: dateAt(last),
    };
  }

  #has(index: number, mark: number): boolean {
    return ((this.#marks[index] ?? 0) & mark) !== 0;
  }
}
