import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";

/** The fields of a batch's `summary`, a character each: the date, bars, bars of the session, marks. */
const CHARS = 4;
const [BARS, SESSION_BARS, MARKS] = [1, 2, 3];
const [API_MARK, DERIVED_MARK, DELAYED_MARK] = [1, 2, 4];

/** What triggers keep a batch's summary at; see the migrations. */
const SUMMARY = `char(epoch_day, (bar_count & 32767) + 1, (session_bar_count & 32767) + 1,
  1 + (source = 'api') + ${DERIVED_MARK} * (source = 'derived') + ${DELAYED_MARK} * is_delayed)`;

/** The dates (days since 1970-01-01) of a symbol's batches whose summary says something else than the batch. */
export function wrongSummaries(cache: Cache, symbolId: number): number[] {
  return cache.db
    .query<{ epochDay: number }, [number, number]>(
      `SELECT epoch_day AS epochDay FROM batches
       WHERE symbol_id = ? AND timeframe_minutes = ? AND summary IS NOT ${SUMMARY} ORDER BY epoch_day`,
    )
    .all(symbolId, ONE_MINUTE)
    .map(({ epochDay }) => epochDay);
}

/** Makes the summary of a batch say what the batch does. Call inside `cache.write`. */
export function renewSummary(cache: Cache, { symbolId, timeframeMinutes, epochDay }: BatchKey): void {
  cache.db
    .query(
      `UPDATE batches SET summary = ${SUMMARY} WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?`,
    )
    .run(symbolId, timeframeMinutes, epochDay);
}

/** The 1-minute batches of one symbol, as the manifest counts them: a cursor that shows one at a time, in no order. */
export class DaySeries {
  readonly #packed: string;
  readonly #readAtMs: (epochDay: number) => number;
  #at = -CHARS;

  constructor(packed: string, readAtMs: (epochDay: number) => number) {
    this.#packed = packed;
    this.#readAtMs = readAtMs;
  }

  /** Goes on to the next batch; false after the last one. */
  next(): boolean {
    this.#at += CHARS;
    return this.#at < this.#packed.length;
  }

  get epochDay(): number {
    return this.#packed.charCodeAt(this.#at);
  }

  get barCount(): number {
    return this.#packed.charCodeAt(this.#at + BARS) - 1;
  }

  get sessionBarCount(): number {
    return this.#packed.charCodeAt(this.#at + SESSION_BARS) - 1;
  }

  get source(): "flatfile" | "api" | "derived" {
    const marks = this.#marks();
    if ((marks & API_MARK) !== 0) return "api";
    return (marks & DERIVED_MARK) === 0 ? "flatfile" : "derived";
  }

  get isDelayed(): boolean {
    return (this.#marks() & DELAYED_MARK) !== 0;
  }

  /** When the batch was read, epoch ms; known of bars of the API only, 0 for others. */
  get readAtMs(): number {
    return this.#readAtMs(this.epochDay);
  }

  #marks(): number {
    return this.#packed.charCodeAt(this.#at + MARKS) - 1;
  }
}

/** The batches of a symbol from one date to another (both included); of one without an id there are none. */
export function daySeries(
  cache: Cache,
  symbolId: number | null,
  fromEpochDay: number,
  toEpochDay: number,
): DaySeries {
  if (symbolId === null) return new DaySeries("", () => 0);
  const scope = [symbolId, ONE_MINUTE, fromEpochDay, toEpochDay] as const;
  const where = "symbol_id = ? AND timeframe_minutes = ? AND epoch_day BETWEEN ? AND ?";
  const row = cache.db
    .query<{ packed: string | null }, [number, number, number, number]>(
      `SELECT group_concat(summary, '') AS packed FROM batches WHERE ${where}`,
    )
    .get(...scope);
  let readTimes: Map<number, number> | null = null;
  const readAtMs = (epochDay: number) => {
    readTimes ??= new Map(
      cache.db
        .query<{ epochDay: number; readAtMs: number }, [number, number, number, number]>(
          `SELECT epoch_day AS epochDay, read_at_ms AS readAtMs FROM batches WHERE ${where} AND source = 'api'`,
        )
        .all(...scope)
        .map((batch) => [batch.epochDay, batch.readAtMs]),
    );
    return readTimes.get(epochDay) ?? 0;
  };
  return new DaySeries(row?.packed ?? "", readAtMs);
}
