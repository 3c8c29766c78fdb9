import * as fc from "fast-check";
import type { RejectReason } from "../../src/csv/row.ts";
import type { NumberedRow } from "../../src/workflows/read-day.ts";

/** Days with a few bad lines among many good ones, and where these stand. */

export const BAD_DAY_DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);
const HEADER = "ticker,open,close,high,low,window_start";
/** The rows of a ticker with bad lines: so many that 1 % of them are a few. */
const MINUTES = 300;
const MINUTES_OF_OTHERS = 20;

export type BadLine = NumberedRow & { readonly lineNumber: number };

export interface BadDay {
  readonly text: string;
  /** The bad lines of each ticker, in the order of the file. */
  readonly bad: ReadonlyMap<string, readonly BadLine[]>;
}

interface DrawnBad {
  readonly place: number;
  readonly kind: number;
}

export interface DrawnDay {
  readonly bad: readonly DrawnBad[];
  readonly blocks: number;
  readonly quotes: readonly boolean[];
  readonly lineEnd: string;
  readonly byteOrderMark: boolean;
  readonly finalLineEnd: boolean;
  readonly emptyLines: boolean;
}

export const drawnDay: fc.Arbitrary<DrawnDay> = fc.record({
  bad: fc.array(fc.record({ place: fc.nat(), kind: fc.nat() }), { minLength: 1, maxLength: 3 }),
  blocks: fc.integer({ min: 1, max: 5 }),
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  byteOrderMark: fc.boolean(),
  finalLineEnd: fc.boolean(),
  emptyLines: fc.boolean(),
});

interface BadFields {
  readonly fields: readonly string[];
  readonly reason: RejectReason;
}

/** What a bad line says, and why it is bad. */
function badFields(ticker: string, minute: number, kind: number): BadFields {
  const stamp = `${OPEN_MS + minute * 60_000}000000`;
  const kinds: BadFields[] = [
    { fields: [ticker, "1", "1"], reason: "field count" },
    { fields: [ticker, "x", "1", "1", "1", stamp], reason: "not a number" },
    { fields: [ticker, "2", "2", "1", "2", stamp], reason: "high or low not around open and close" },
    { fields: [ticker, "1", "1", "1", "1", "-68400000000000"], reason: "not a stamp" },
    { fields: [ticker, "1", "1", "1", "1", `${OPEN_MS + 1000}000000`], reason: "not a whole minute" },
    { fields: [ticker, "1", "1", "1", "1", "1732372200000000000"], reason: "date of another day" },
  ];
  return kinds[kind % kinds.length] ?? { fields: [], reason: "field count" };
}

/**
 * Writes a day of `tickers`: each comes in as many blocks as drawn, all tickers after each other in every round. The
 * bad lines are spread over the tickers `victims`, which have more rows than others.
 */
export function writeBadDay(tickers: readonly string[], victims: readonly string[], drawn: DrawnDay): BadDay {
  const places = new Map<string, BadFields>();
  for (const [index, { place, kind }] of drawn.bad.entries()) {
    const victim = victims[index % victims.length] ?? "";
    const minute = place % MINUTES;
    places.set(`${victim} ${minute}`, badFields(victim, minute, kind));
  }
  const lines = [HEADER];
  const bad = new Map<string, BadLine[]>();
  let written = 0;
  const quote = (field: string) => (drawn.quotes[written++ % drawn.quotes.length] ? `"${field}"` : field);
  const perBlock = Math.ceil(MINUTES / drawn.blocks);
  for (let from = 0; from < MINUTES; from += perBlock)
    for (const ticker of tickers) {
      if (drawn.emptyLines) lines.push("");
      const end = victims.includes(ticker) ? MINUTES : MINUTES_OF_OTHERS;
      for (let minute = from; minute < Math.min(end, from + perBlock); minute++) {
        const known = places.get(`${ticker} ${minute}`);
        const fields = known?.fields ?? goodFields(ticker, minute);
        lines.push(fields.map(quote).join(","));
        if (known === undefined) continue;
        const { reason } = known;
        const line = { lineNumber: lines.length, reason, text: fields.join(",") };
        bad.set(ticker, [...(bad.get(ticker) ?? []), line]);
      }
    }
  const text = lines.join(drawn.lineEnd) + (drawn.finalLineEnd ? drawn.lineEnd : "");
  return { text: `${drawn.byteOrderMark ? "\uFEFF" : ""}${text}`, bad };
}

function goodFields(ticker: string, minute: number): string[] {
  const stamp = `${OPEN_MS + minute * 60_000}000000`;
  return [ticker, `${minute + 1}`, `${minute + 1.5}`, `${minute + 2}`, `${minute + 0.5}`, stamp];
}
