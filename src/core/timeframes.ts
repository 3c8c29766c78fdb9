/** The timeframe of the bars that the vendor serves and everything else is made from, in minutes. */
export const ONE_MINUTE = 1;

/** The name of a timeframe of `minutes` minutes in `historical_bars`: `1m`, `30m`, `1h`, `1d`. */
export function timeframeName(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
