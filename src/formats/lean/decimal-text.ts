/** A number as decimal text without an exponent and without zeros at the end: `1.2e-7` as `0.00000012`. */
export function decimalText(value: number): string {
  const shortest = String(value);
  if (!shortest.includes("e")) return shortest;
  const [digits = "", exponent] = shortest.split("e");
  const sign = digits.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  const point = whole.length + Number(exponent);
  const all = whole + fraction;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${all}`;
  return `${sign}${all.padEnd(point, "0")}`;
}

/**
 * A price in Lean's deci-cents, ten thousand to the dollar: a whole number but for prices finer than that, which Lean reads too.
 * Doubles keep 15 digits, and so does this.
 */
export function deciCents(price: number): string {
  const whole = Math.round(price * 10_000);
  return decimalText(whole / 10_000 === price ? whole : Number((price * 10_000).toPrecision(15)));
}
