/**
 * Coarser bars worked out by PostgreSQL from the 1m rows of `historical_bars`, with its own time zones and its exact
 * numbers: a check that shares nothing with the program but the law of the calendar.
 */

/** How a symbol's minutes are gathered into days and windows. */
export interface SqlCalendar {
  /** The time zone of its days. */
  readonly zone: string;
  /** When its days begin, as a clock time or an SQL expression over `day`. */
  readonly open: string;
  /** When its session ends, as an SQL expression over `day`; null: never within the day. */
  readonly close: string | null;
}

/** NYSE, with the early closes of 2024 as the exchange announced them. */
export const NYSE_2024: SqlCalendar = {
  zone: "America/New_York",
  open: "time '09:30'",
  close:
    "CASE WHEN day IN ('2024-07-03', '2024-11-29', '2024-12-24') THEN time '13:00' ELSE time '16:00' END",
};

/** A crypto day is the UTC day. */
export const UTC_DAYS: SqlCalendar = { zone: "UTC", open: "time '00:00'", close: null };

/** A forex day is New York's; the week begins on Sunday at 17:00. */
export const FOREX_DAYS: SqlCalendar = {
  zone: "America/New_York",
  open: "CASE WHEN extract(dow FROM day) = 0 THEN time '17:00' ELSE time '00:00' END",
  close: null,
};

/** Makes the temporary table `counted`: the minutes of a symbol that count, with their clock time and day's opening. */
export function countedSql(symbol: string, { zone, open, close }: SqlCalendar): string {
  return `
    CREATE TEMP TABLE counted AS
    WITH local AS (
      SELECT *, to_timestamp(timestamp / 1000) AT TIME ZONE '${zone}' AS clock
      FROM historical_bars WHERE symbol = '${symbol}' AND timeframe = '1m'
    ), dated AS (SELECT *, clock::date AS day FROM local)
    SELECT *, day + ${open} AS opens FROM dated
    ${close === null ? "" : `WHERE clock >= day + ${open} AND clock < day + (${close})`}`;
}

/** A query for the rows in which the table differs from what `counted` says; none if all is right. */
export function differingSql(
  symbol: string,
  timeframe: string,
  minutes: number,
  { zone }: SqlCalendar,
): string {
  const begins =
    minutes === 1440
      ? "opens"
      : `opens + floor(extract(epoch FROM clock - opens) / ${minutes * 60}) * interval '${minutes} minutes'`;
  return `
    WITH gathered AS (
      SELECT *, ${begins} AS begins FROM counted
    ), expected AS (
      SELECT (extract(epoch FROM begins AT TIME ZONE '${zone}') * 1000)::bigint AS timestamp,
        (array_agg(open ORDER BY timestamp))[1] AS open, max(high) AS high, min(low) AS low,
        (array_agg(close ORDER BY timestamp DESC))[1] AS close, sum(volume) AS volume,
        sum(vwap * volume) / nullif(sum(volume), 0) AS vwap, sum(trades)::bigint AS trades
      FROM gathered GROUP BY begins
    ), made AS (
      SELECT * FROM historical_bars WHERE symbol = '${symbol}' AND timeframe = '${timeframe}'
    )
    SELECT to_json(expected) AS expected, to_json(made) AS made
    FROM expected FULL JOIN made USING (timestamp)
    WHERE (expected.open, expected.high, expected.low, expected.close) IS DISTINCT FROM
        (made.open, made.high, made.low, made.close)
      OR expected.volume IS DISTINCT FROM made.volume OR expected.trades IS DISTINCT FROM made.trades
      OR (expected.vwap IS NULL) <> (made.vwap IS NULL) OR abs(expected.vwap - made.vwap) > expected.vwap * 1e-11
    LIMIT 5`;
}
