/** The words of a price. */
export type PriceText = (price: number) => string;

const LABEL_EVERY = 3;

/**
 * The price beside each row of a chart, the highest first; empty for most rows. No two are the same: the highest and the
 * lowest price stand at their own rows, and one that does not move at the row in the middle, where it is drawn.
 */
export function priceLabels(
  { high, low }: { readonly high: number; readonly low: number },
  rows: number,
  priceText: PriceText,
): string[] {
  const [highest, lowest] = [priceText(high), priceText(low)];
  const last = rows - 1;
  if (highest === lowest)
    return Array.from({ length: rows }, (_, row) => (row === Math.floor(rows / 2) ? highest : ""));
  let told = "";
  return Array.from({ length: rows }, (_, row) => {
    if (row === last) return lowest;
    const label = row % LABEL_EVERY === 0 ? priceText(high - ((high - low) * row) / last) : "";
    if (label === told || label === lowest) return "";
    told = label === "" ? told : label;
    return label;
  });
}
