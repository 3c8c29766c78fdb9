import * as fc from "fast-check";

/** Files of bars drawn at random: few rows, every form in which they can be written. */

export const DATE = "2024-11-22";
const MIDNIGHT_MINUTE = Date.UTC(2024, 10, 22) / 60_000;
const MINUTES_OF_DAY = 30 * 60;
/** More than are searched for one by one, many of which begin alike or differ by case alone. */
export const TICKERS =
  "A AA AAPL AAPLW BCPC BCpC I:SPX I:SPXW a aa B BB C:EUR-USD I:NDX I:VIX O:SPY251121C00650000 X:BTC-USD Z ZZ b".split(
    " ",
  );
export const COLUMNS = ["ticker", "volume", "open", "close", "high", "low", "window_start", "transactions"];

interface DrawnRow {
  readonly minute: number;
  readonly cents: number;
  readonly volume: number;
}

/** How a file is written: nothing of it may change what is read. */
export interface Form {
  readonly columns: readonly string[];
  readonly quotes: readonly boolean[];
  readonly lineEnd: string;
  readonly finalLineEnd: boolean;
  readonly byteOrderMark: boolean;
}

const drawnRow = fc.record({
  minute: fc.nat({ max: MINUTES_OF_DAY - 1 }),
  cents: fc.nat({ max: 1_000_000 }),
  volume: fc.nat({ max: 100_000_000 }),
});

/** Blocks of rows, most in the order of the tickers; some tickers come in several blocks. */
export const drawnBlocks = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom(...TICKERS),
    fc.uniqueArray(drawnRow, { selector: (row) => row.minute, maxLength: 6 }),
  ),
  { selector: ([ticker]) => ticker, maxLength: 12 },
);

export const form: fc.Arbitrary<Form> = fc.record({
  columns: fc.oneof(
    fc.constant(COLUMNS),
    fc.shuffledSubarray(COLUMNS, { minLength: COLUMNS.length }),
    fc.constant(COLUMNS.filter((name) => name !== "volume" && name !== "transactions")),
  ),
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  finalLineEnd: fc.boolean(),
  byteOrderMark: fc.boolean(),
});

export const chunkSizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 });
export const wantedTickers = fc.oneof(
  fc.shuffledSubarray(TICKERS, { minLength: 1, maxLength: 6 }),
  fc.shuffledSubarray(TICKERS),
  fc.constant("all" as const),
);

export type DrawnBlock = readonly [ticker: string, rows: readonly DrawnRow[]];

function fieldsOf(ticker: string, { minute, cents, volume }: DrawnRow): Record<string, string> {
  const low = cents / 100;
  return {
    ticker,
    volume: (volume / 1000).toFixed(3),
    open: low.toFixed(2),
    close: (low + 0.5).toFixed(6),
    high: (low + 1).toFixed(2),
    low: String(low),
    window_start: `${BigInt(MIDNIGHT_MINUTE + minute) * 60_000_000_000n}`,
    transactions: String(volume % 1000),
  };
}

export function write(blocks: readonly DrawnBlock[], { columns, quotes, lineEnd, ...ends }: Form): string {
  let written = 0;
  const quote = (field: string) => (quotes[written++ % quotes.length] ? `"${field}"` : field);
  const lines = blocks.flatMap(([ticker, rows]) =>
    rows.map((row) => columns.map((name) => quote(fieldsOf(ticker, row)[name] ?? "")).join(",")),
  );
  const text = [columns.join(","), ...lines].join(lineEnd);
  return `${ends.byteOrderMark ? "\uFEFF" : ""}${text}${ends.finalLineEnd ? lineEnd : ""}`;
}
