import { barLine } from "./bar-lines.ts";
import { bar } from "./bars.ts";
import { physicalRows, withSql } from "./postgres-bars.ts";
import { FREE_MINUTE, minuteMs, REVISED_TICKERS, revisedDates } from "./revised-days.ts";

const [FIRST, SECOND] = REVISED_TICKERS;
const DATES = revisedDates(0, 12);

/**
 * Rows that the cache of `reviseDays` never had: of another symbol, of another timeframe, and of its own symbols at
 * minutes between its bars and before them.
 */
const FOREIGN_ROWS: readonly (readonly [symbol: string, timeframe: string, windowStartMs: number])[] = [
  ["OTHER", "1m", minuteMs("2024-01-03", FREE_MINUTE + 1)],
  [FIRST, "5m", minuteMs("2024-01-03", FREE_MINUTE + 1)],
  [FIRST, "1m", minuteMs("2023-12-29", FREE_MINUTE + 1)],
  ...DATES.map((date) => [SECOND, "1m", minuteMs(date, FREE_MINUTE)] as const),
];

/** The foreign rows as lines (`barLine`). */
export const FOREIGN_LINES: readonly string[] = FOREIGN_ROWS.map(([symbol, timeframe, windowStartMs]) =>
  barLine(symbol, timeframe, bar(windowStartMs, 7.25)),
);

/** Writes the foreign rows as another program would. */
export async function insertForeignRows(url: string): Promise<void> {
  const values = FOREIGN_ROWS.map(
    ([symbol, timeframe, windowStartMs]) =>
      `('${symbol}', '${timeframe}', ${windowStartMs}, 7.25, 7.25, 7.25, 7.25)`,
  );
  await withSql(url, (sql) => sql.unsafe(`INSERT INTO historical_bars VALUES ${values.join(", ")}`));
}

/** Where the foreign rows lie and which transaction wrote them (`physicalRows`). */
export async function physicalForeignRows(url: string): Promise<string[]> {
  const keys = FOREIGN_ROWS.map((key) => `${key.join(" ")} `);
  return (await physicalRows(url)).filter((line) => keys.some((key) => line.startsWith(key)));
}
