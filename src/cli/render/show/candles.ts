/** The prices that one column of a chart shows. */
export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

const [WICK, RISING, FALLING, FLAT] = ["│", "║", "┃", "─"];
const [GREEN, RED] = [32, 31];

/**
 * Candles as rows of characters, the highest first, a column each; null leaves a column empty. Bodies of rising candles are
 * hollow (║), those of falling ones full (┃): they can be told apart without colour.
 */
export function candleRows(
  candles: readonly (Candle | null)[],
  { rows, colour }: { readonly rows: number; readonly colour: boolean },
): string[] {
  const scale = priceScale(candles, rows);
  return Array.from({ length: rows }, (_, row) =>
    candles.map((candle) => (candle === null ? " " : cell(candle, row, scale, colour))).join(""),
  );
}

/** The row of a price, 0 for the highest. */
type PriceScale = (price: number) => number;

/** Spreads the prices of the candles over so many rows. */
function priceScale(candles: readonly (Candle | null)[], rows: number): PriceScale {
  const { high, low } = priceRange(candles);
  const rowsOfPrice = high === low ? 0 : (rows - 1) / (high - low);
  return (price) => (high === low ? Math.floor(rows / 2) : Math.round((high - price) * rowsOfPrice));
}

/** The highest high and the lowest low. */
export function priceRange(candles: readonly (Pick<Candle, "high" | "low"> | null)[]): {
  readonly high: number;
  readonly low: number;
} {
  let [high, low] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const candle of candles) {
    if (candle === null) continue;
    high = Math.max(high, candle.high);
    low = Math.min(low, candle.low);
  }
  return { high, low };
}

function cell(candle: Candle, row: number, scale: PriceScale, colour: boolean): string {
  if (row < scale(candle.high) || row > scale(candle.low)) return " ";
  const [first, last] = [scale(candle.open), scale(candle.close)].toSorted((one, other) => one - other);
  const isBody = row >= (first ?? 0) && row <= (last ?? 0);
  const isFlat = candle.open === candle.close;
  const body = isFlat ? FLAT : candle.close > candle.open ? RISING : FALLING;
  const glyph = isBody ? (isFlat && first !== last ? WICK : body) : WICK;
  if (!colour || isFlat) return glyph ?? "";
  return `\u001B[${candle.close > candle.open ? GREEN : RED}m${glyph}\u001B[39m`;
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** Values as one row of blocks, the largest a full one; null leaves a column empty, 0 too. */
export function blockRow(values: readonly (number | null)[]): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null || value === 0 || most === 0) return " ";
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((value / most) * BLOCKS.length))] ?? "";
    })
    .join("");
}
