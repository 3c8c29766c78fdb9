const EXACT_BELOW = 10_000;
const UNITS = ["k", "M", "B", "T"];
const DIGITS = 3;
/** Sums of fractions are that exact; what is behind is the noise of binary numbers. */
const EXACT_DIGITS = 12;

/** A volume as people write it: `8,407.125` below 10,000, else three digits of it: `12.3k`, `4.56M`, `3.20B`. */
export function volumeText(volume: number): string {
  if (volume < EXACT_BELOW) return volume.toLocaleString("en-US", { maximumSignificantDigits: EXACT_DIGITS });
  let value = Number(volume.toPrecision(DIGITS)) / 1000;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = value < 1000 ? value.toPrecision(DIGITS) : value.toLocaleString("en-US");
  return `${text}${UNITS[unit]}`;
}
