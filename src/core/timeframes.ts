import { BackfillError } from "./errors.ts";

/** The timeframe of the bars that the vendor serves and everything else is made from, in minutes. */
export const ONE_MINUTE = 1;

/** The length of a `1d` bar, in minutes: it stands for a day, however long its session is. */
export const ONE_DAY = 1440;

/** The timeframes that are made from the minutes, in minutes: 5m, 15m, 30m, 1h, 1d. */
export const DERIVED_TIMEFRAMES: readonly number[] = [5, 15, 30, 60, ONE_DAY];

/** The name of a timeframe of `minutes` minutes in `historical_bars`: `1m`, `30m`, `1h`, `1d`. */
export function timeframeName(minutes: number): string {
  if (minutes % ONE_DAY === 0) return `${minutes / ONE_DAY}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** The minutes of the timeframe of that name, 1m among them; null for any other text. */
function timeframeNamed(name: string): number | null {
  return [ONE_MINUTE, ...DERIVED_TIMEFRAMES].find((minutes) => timeframeName(minutes) === name) ?? null;
}

/**
 * The timeframes of a list of names, in minutes, ascending, each once.
 * @throws BackfillError (usage) for a name that is none, naming `flag`.
 */
export function timeframesNamed(names: readonly string[], flag: string): number[] {
  const known = [ONE_MINUTE, ...DERIVED_TIMEFRAMES].map(timeframeName).join(", ");
  const minutes = names.map((name) => {
    const named = timeframeNamed(name);
    if (named !== null) return named;
    const reason = `"${name}" is not a timeframe`;
    throw new BackfillError({
      kind: "usage",
      operation: `read --${flag}`,
      reason,
      nextStep: `Choose from ${known}.`,
    });
  });
  return [...new Set(minutes)].toSorted((one, other) => one - other);
}
