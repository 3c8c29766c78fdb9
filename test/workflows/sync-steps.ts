import * as fc from "fast-check";
import { epochDayOf } from "../../src/core/dates.ts";

export const TICKERS = ["X:BTC-USD", "X:ETH-USD"] as const;
export const DATES = ["2024-11-20", "2024-11-21", "2024-11-22", "2024-11-23"] as const;

/** Minutes from a date's midnight: its edges, and what its neighbours hold as well. */
const MINUTES = [-2, -1, 0, 1, 2, 700, 1438, 1439, 1440, 1441] as const;

/** Prices of bars at minutes of a date, in time order. */
export type DrawnBars = readonly (readonly [minute: number, price: number])[];

/** A day that is written to the cache; `over` adds to what the API gave before, `aborted` is taken back. */
export interface WriteStep {
  readonly kind: "write";
  readonly how: "flatfile" | "api" | "over" | "aborted";
  readonly date: string;
  readonly blocks: readonly (readonly [ticker: string, bars: DrawnBars])[];
}

/** What a sync is narrowed to. */
export interface Scope {
  readonly ticker: string | null;
  readonly fromEpochDay: number;
  readonly toEpochDay: number;
}

/** A sync to one of two targets; `cut` breaks its connection at the nth such moment, if that comes. */
export interface SyncStep {
  readonly kind: "sync";
  readonly target: number;
  readonly all: boolean;
  readonly batchRows: number;
  readonly scope: Scope | null;
  readonly cut: { readonly at: "COPY" | "COMMIT" | "answer to COMMIT"; readonly nth: number } | null;
}

/** Another program adds a row, where `pick` points among the keys that are free for it. */
interface OthersStep {
  readonly kind: "others";
  readonly target: number;
  readonly where: "our minutes" | "between them" | "another timeframe" | "another symbol";
  readonly ticker: string;
  readonly date: string;
  readonly minute: number;
  readonly price: number;
}

/** Somebody empties a target's table. */
interface EmptyStep {
  readonly kind: "empty";
  readonly target: number;
}

export type Step = WriteStep | SyncStep | OthersStep | EmptyStep;

const target = fc.constantFrom(0, 0, 1);
const ticker = fc.constantFrom(...TICKERS);
const date = fc.constantFrom(...DATES);
const minute = fc.constantFrom(...MINUTES);
// Few prices, so that much stays as it was.
const price = fc.integer({ min: 1, max: 3 });

const block = fc.tuple(
  ticker,
  fc
    .uniqueArray(fc.tuple(minute, price), { selector: ([at]) => at, minLength: 1, maxLength: 6, size: "max" })
    .map((bars) => bars.toSorted(([a], [b]) => a - b)),
);

const write: fc.Arbitrary<WriteStep> = fc.record({
  kind: fc.constant("write"),
  how: fc.constantFrom("flatfile", "flatfile", "api", "api", "over", "aborted"),
  date,
  blocks: fc.array(block, { maxLength: 4, size: "max" }),
});

const scope: fc.Arbitrary<Scope> = fc.record({
  ticker: fc.option(ticker, { nil: null }),
  fromEpochDay: fc.constantFrom(0, ...DATES.map(epochDayOf)),
  toEpochDay: fc.constantFrom(1_000_000, ...DATES.map(epochDayOf)),
});

const cut = fc.record({
  at: fc.constantFrom("COPY", "COMMIT", "answer to COMMIT"),
  nth: fc.integer({ min: 1, max: 4 }),
});

/** A thing that is there in `weight` of ten cases. */
function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary });
}

const sync: fc.Arbitrary<SyncStep> = fc.record({
  kind: fc.constant("sync"),
  target,
  all: sometimes(1, fc.constant(true)).map((drawn) => drawn !== null),
  batchRows: fc.constantFrom(50_000, 1, 4, 9),
  scope: sometimes(3, scope),
  cut: sometimes(5, cut),
});

const others: fc.Arbitrary<OthersStep> = fc.record({
  kind: fc.constant("others"),
  target,
  where: fc.constantFrom("our minutes", "our minutes", "between them", "another timeframe", "another symbol"),
  ticker,
  date,
  minute,
  price: fc.constantFrom(1, 9),
});

const empty: fc.Arbitrary<EmptyStep> = fc.record({ kind: fc.constant("empty"), target });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: write },
  { weight: 10, arbitrary: sync },
  { weight: 5, arbitrary: others },
  { weight: 1, arbitrary: empty },
);

/** Steps of a cache and its targets, in any order. */
export const drawnSteps = (count: number): fc.Arbitrary<Step[]> =>
  fc.array(step, { minLength: count, maxLength: count, size: "max" });
