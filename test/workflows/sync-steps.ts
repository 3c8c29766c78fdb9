import * as fc from "fast-check";
import { epochDayOf } from "../../src/core/dates.ts";

export const TICKERS = ["X:BTC-USD", "X:ETH-USD"] as const;
const DATES = ["2024-11-20", "2024-11-21", "2024-11-22"] as const;

/** Minutes from a date's midnight: nearly all are at its edges, where its neighbours may have them as well. */
const MINUTES = [-2, -1, 0, 1, 700, 1438, 1439, 1440, 1441] as const;

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
// One ticker has most of it: what its days do to each other takes several steps.
const ticker = fc.constantFrom(TICKERS[0], ...TICKERS);
const date = fc.constantFrom(...DATES);
const minute = fc.constantFrom(...MINUTES);
// Few prices, so that much stays as it was.
const price = fc.integer({ min: 1, max: 3 });

const drawnBars: fc.Arbitrary<DrawnBars> = fc
  .uniqueArray(fc.tuple(minute, price), { selector: ([at]) => at, minLength: 1, maxLength: 6, size: "max" })
  .map((bars) => bars.toSorted(([a], [b]) => a - b));

const write: fc.Arbitrary<WriteStep> = fc.record({
  kind: fc.constant("write"),
  how: fc.constantFrom("flatfile", "flatfile", "api", "api", "over", "aborted"),
  date,
  blocks: fc.array(fc.tuple(ticker, drawnBars), { maxLength: 4, size: "max" }),
});

const day = date.map(epochDayOf);

/** Mostly a single date. */
const scope: fc.Arbitrary<Scope> = fc
  .tuple(sometimes(3, ticker), day, fc.constantFrom(0, 0, 1, 1000))
  .map(([only, fromEpochDay, days]) => ({ ticker: only, fromEpochDay, toEpochDay: fromEpochDay + days }));

const cut = fc.record({
  at: fc.constantFrom("COPY", "COMMIT", "answer to COMMIT"),
  nth: fc.integer({ min: 1, max: 4 }),
});

const sync: fc.Arbitrary<SyncStep> = fc.record({
  kind: fc.constant("sync"),
  target,
  all: sometimes(1, fc.constant(true)).map((drawn) => drawn !== null),
  batchRows: fc.constantFrom(50_000, 1, 1, 6),
  scope: sometimes(4, scope),
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

/**
 * A flat file claims a bar that the API gave for the date before, and has only `left` the next time; after each
 * write comes its sync, if there is one.
 */
function claim(claimed: string, at: number, left: DrawnBars, syncs: readonly SyncStep[]): Step[] {
  const [earlier, later] = [DATES[at] ?? DATES[0], DATES[at + 1] ?? DATES[0]];
  const writes: WriteStep[] = [
    { kind: "write", how: "flatfile", date: later, blocks: [] },
    { kind: "write", how: "api", date: earlier, blocks: [[claimed, [[1440, 2]]]] },
    { kind: "write", how: "flatfile", date: later, blocks: [[claimed, [[0, 2]]]] },
    { kind: "write", how: "flatfile", date: later, blocks: [[claimed, left]] },
  ];
  return writes.flatMap((one, index) => [one, ...syncs.slice(index, index + 1)]);
}

const drawnClaim = fc
  .tuple(ticker, fc.nat({ max: DATES.length - 2 }), drawnBars, fc.array(sync, { minLength: 4, maxLength: 4 }))
  .map(([claimed, at, bars, syncs]) =>
    claim(
      claimed,
      at,
      bars.filter(([offset]) => offset > 0),
      syncs,
    ),
  );

const WHOLE: SyncStep = { kind: "sync", target: 0, all: false, batchRows: 50_000, scope: null, cut: null };
const FIRST_DATE = { ticker: null, fromEpochDay: epochDayOf(DATES[0]), toEpochDay: epochDayOf(DATES[0]) };

/** The claim is lost before any sync brings it, and the date that gave it up is synced already. */
export const LOST_CLAIM = claim(TICKERS[0], 0, [], [WHOLE, WHOLE, { ...WHOLE, scope: FIRST_DATE }, WHOLE]);

const steps: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 10, arbitrary: write.map((one) => [one]) },
  { weight: 10, arbitrary: sync.map((one) => [one]) },
  { weight: 5, arbitrary: others.map((one) => [one]) },
  { weight: 1, arbitrary: empty.map((one) => [one]) },
  { weight: 3, arbitrary: drawnClaim },
);

/** A thing that is there in `weight` of ten cases. */
function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary });
}

/** Steps of a cache and its targets, in any order: `most` of them, and some stories. */
export function drawnSteps(most: number): fc.Arbitrary<Step[]> {
  return fc.array(steps, { minLength: 1, maxLength: most, size: "max" }).map((parts) => parts.flat());
}
