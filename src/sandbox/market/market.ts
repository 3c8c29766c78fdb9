import type { Bar } from "../../core/bar.ts";
import { DATASETS } from "../../core/datasets.ts";
import type { Dataset } from "../../core/datasets.ts";
import { restTicker } from "../tickers.ts";
import { dayBarOf, type FalseDay } from "./day-bar.ts";
import { DayBars } from "./day-bars.ts";
import { fillDay } from "./generate.ts";
import { instrumentOf } from "./instruments.ts";
import type { Instrument } from "./instruments.ts";

interface Revision {
  readonly number: number;
  readonly tickers: ReadonlySet<string>;
}

/** A ticker and the dataset it belongs to. */
export interface Listed {
  readonly dataset: Dataset;
  readonly ticker: string;
}

/**
 * All bars of the look-alike: a function of seed, dataset, ticker, date and revision, computed when asked for.
 * It knows nothing of files, clocks or plans.
 */
export class Market {
  readonly #tickers: Readonly<Record<Dataset, readonly string[]>>;
  readonly #instruments = new Map<string, Instrument>();
  readonly #byRestTicker = new Map<string, Listed>();
  readonly #falseDays = new Map<string, FalseDay>();
  readonly #revisions = new Map<string, Revision>();
  /** What the bars depend on besides their names. */
  readonly seed: number;
  readonly #scratch = new DayBars();

  constructor(tickers: Readonly<Record<Dataset, readonly string[]>>, seed: number) {
    this.#tickers = tickers;
    this.seed = seed;
    for (const dataset of DATASETS)
      for (const ticker of tickers[dataset])
        this.#byRestTicker.set(restTicker(dataset, ticker), { dataset, ticker });
  }

  /** The tickers of a dataset, in the order in which they were given. */
  tickers(dataset: Dataset): readonly string[] {
    return this.#tickers[dataset];
  }

  /** Which ticker the REST API means by `ticker`; undefined if the look-alike does not serve it. */
  findRestTicker(ticker: string): Listed | undefined {
    return this.#byRestTicker.get(ticker);
  }

  /** How often the day was republished. */
  revisionOf(dataset: Dataset, date: string): number {
    return this.#revisions.get(`${dataset} ${date}`)?.number ?? 0;
  }

  /** Changes the day's bars of `tickers`; the others are from now on what they were at first. */
  revise(dataset: Dataset, date: string, tickers: readonly string[]): void {
    const number = this.revisionOf(dataset, date) + 1;
    this.#revisions.set(`${dataset} ${date}`, { number, tickers: new Set(tickers) });
  }

  /** Fills `bars` with what `ticker` has on `date`: nothing if it is not listed or does not trade. */
  fillBars(bars: DayBars, dataset: Dataset, ticker: string, date: string): void {
    const revision = this.#revisions.get(`${dataset} ${date}`);
    const changed = revision?.tickers.has(ticker) === true;
    fillDay(bars, this.#instrument(dataset, ticker), date, changed ? revision.number : 0);
  }

  /** The bars of one ticker on one day, in order of time. */
  bars(dataset: Dataset, ticker: string, date: string): Bar[] {
    if (!this.#tickers[dataset].includes(ticker)) return [];
    this.fillBars(this.#scratch, dataset, ticker, date);
    return this.#scratch.toBars();
  }

  /** The day as a whole; undefined if the ticker has no bars on it. */
  dayBar(
    dataset: Dataset,
    ticker: string,
    date: string,
    bars = this.bars(dataset, ticker, date),
  ): Bar | undefined {
    return dayBarOf(dataset, ticker, date, bars, this.#falseDays.get(`${dataset} ${ticker} ${date}`));
  }

  /** Tells a day as a whole otherwise than its minutes say. */
  falsify(dataset: Dataset, ticker: string, date: string, told: FalseDay): void {
    this.#falseDays.set(`${dataset} ${ticker} ${date}`, told);
  }

  #instrument(dataset: Dataset, ticker: string): Instrument {
    const key = `${dataset} ${ticker}`;
    const known = this.#instruments.get(key);
    if (known !== undefined) return known;
    const instrument = instrumentOf(dataset, ticker, this.seed);
    this.#instruments.set(key, instrument);
    return instrument;
  }
}
