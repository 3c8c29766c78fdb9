interface Prices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

const LEAST_DECIMALS = 2;
const MOST_DECIMALS = 12;
/** More digits than that tell nobody more. */
const DIGITS = 7;

/** How many decimals prices like these are shown with: as many as the longest has, cents at least. */
export function priceDecimals(bars: readonly Prices[]): number {
  let [longest, size] = [LEAST_DECIMALS, Number.MIN_VALUE];
  for (const { open, high, low, close } of bars)
    for (const price of [open, high, low, close]) {
      longest = Math.max(longest, decimalsOf(price));
      size = Math.max(size, Math.abs(price));
    }
  const useful = DIGITS - 1 - Math.floor(Math.log10(size));
  return Math.min(MOST_DECIMALS, longest, Math.max(LEAST_DECIMALS, useful));
}

/** Decimals of the shortest text of a number. */
function decimalsOf(price: number): number {
  const [digits = "", exponent = "0"] = String(price).split("e");
  const [, fraction = ""] = digits.split(".");
  return Math.max(0, fraction.length - Number(exponent));
}
