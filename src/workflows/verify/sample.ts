/**
 * `count` of `dates`, spread by chance, in order: the same for the same `seed`, others for another. Every date is as
 * likely as any other.
 */
export function sampleOf(dates: readonly string[], count: number, seed: string): string[] {
  if (dates.length <= count) return [...dates];
  const rank = (date: string) => Bun.hash.xxHash64(`${seed} ${date}`);
  const ranked = dates.map((date) => ({ date, rank: rank(date) }));
  return ranked
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ date }) => date)
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** How far apart dates may be to be asked for in one question, and how long a question may be. */
const MOST_APART_DAYS = 5;
const MOST_DAYS = 30;
const DAY_MS = 86_400_000;

/** Puts dates in order together to ranges that are asked for at once: a month of minutes is one page of the API. */
export function rangesOf(dates: readonly string[]): string[][] {
  const ranges: string[][] = [];
  for (const date of dates) {
    const range = ranges.at(-1);
    const [first, last] = [range?.[0], range?.at(-1)];
    const fits =
      first !== undefined &&
      last !== undefined &&
      daysBetween(last, date) <= MOST_APART_DAYS &&
      daysBetween(first, date) < MOST_DAYS;
    if (fits) range?.push(date);
    else ranges.push([date]);
  }
  return ranges;
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}
