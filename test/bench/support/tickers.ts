/** One ticker of twenty is among those that are kept when many are. */
const SPREAD = 20;
const LETTERS = 26;

/**
 * Tickers to filter a day for, spread over the whole file: 500 of 10,000. They differ from their neighbours only in
 * the case of the last letter, which makes them no easier to find than the vendor's.
 */
export function tickersToKeep(tickers: number): string[] {
  return Array.from({ length: Math.floor(tickers / SPREAD) }, (_, index) => {
    const place = index * (SPREAD - 1);
    return `I:Q${letter(place / LETTERS ** 2)}${letter(place / LETTERS)}${letter(place).toLowerCase()}`;
  });
}

/** Three of them: one from the beginning, one from the middle, one from the end. */
export function threeTickers(tickers: number): string[] {
  const all = tickersToKeep(tickers);
  return [1, Math.floor(all.length / 2), all.length - 2].flatMap((index) => all[index] ?? []);
}

function letter(place: number): string {
  return String.fromCharCode(65 + (Math.floor(place) % LETTERS));
}
