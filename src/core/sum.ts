/**
 * The sum of decimal numbers such as volumes, with as many decimals as the longest of them: what adding their texts
 * would give, without the noise of binary fractions (0.1 + 0.2), as long as it has up to 15 digits. 0 for none.
 *
 * Neumaier's compensated summation, Zeitschrift für Angewandte Mathematik und Mechanik 54 (1974), 39–51.
 */
export function decimalSum(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  let decimals = 0;
  for (const value of values) {
    if (!Number.isInteger(value)) decimals = Math.max(decimals, decimalsOf(value));
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  const exact = sum + lost;
  return decimals === 0 || decimals > MOST_DECIMALS ? exact : Number(exact.toFixed(decimals));
}

const MOST_DECIMALS = 20;

/** Decimals of the shortest text of a number; a number in scientific notation has as many as it would have without. */
function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  const [, fraction = ""] = digits.split(".");
  return Math.max(0, fraction.length - Number(exponent));
}
