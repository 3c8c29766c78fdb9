/** The time zone in which a dataset's days are told. */
export function zoneOf(dataset: string): string {
  return dataset === "crypto" ? "UTC" : "America/New_York";
}

const HOUR_MS = 3_600_000;
const SECOND_MS = 1000;

/**
 * Turns instants (epoch ms) into the seconds that the chart, which knows no time zones, shows as the clock of `zone`.
 */
export function clockSecondsIn(zone: string): (epochMs: number) => number {
  if (zone === "UTC") return (epochMs) => epochMs / SECOND_MS;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
  });
  const offsets = new Map<number, number>();
  return (epochMs) => {
    const hour = Math.floor(epochMs / HOUR_MS);
    const known = offsets.get(hour) ?? offsetAt(format, hour * HOUR_MS);
    offsets.set(hour, known);
    return (epochMs + known) / SECOND_MS;
  };
}

/** Turns dates into the instants (epoch ms) at which they begin in `zone`. */
export function midnightIn(zone: string): (date: string) => number {
  const seconds = clockSecondsIn(zone);
  return (date) => {
    const utcMs = Date.parse(`${date}T00:00:00Z`);
    // No zone that is shown changes its clock between the two midnights.
    const aheadMs = seconds(utcMs) * SECOND_MS - utcMs;
    return utcMs - aheadMs;
  };
}

/** By how much a zone's clock is ahead of UTC, in ms. */
function offsetAt(format: Intl.DateTimeFormat, epochMs: number): number {
  const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]));
  const [year = 0, month = 1, day = 1, hour = 0] = (["year", "month", "day", "hour"] as const).map((name) =>
    parts.get(name),
  );
  return Date.UTC(year, month - 1, day, hour) - epochMs;
}

/** `2024-11-22 10:17` of the seconds that `clockSecondsIn` gave. */
export function clockWords(seconds: number, isDay: boolean): string {
  const iso = new Date(seconds * SECOND_MS).toISOString();
  return isDay ? iso.slice(0, 10) : iso.slice(0, 16).replace("T", " ");
}
