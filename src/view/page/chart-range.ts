const DAY_MS = 86_400_000;
const [SUNDAY, SATURDAY] = [0, 6];
/** The timeframe for a range of up to so many days of stocks. */
const BY_DAYS = [
  [3, "1m"],
  [12, "5m"],
  [45, "30m"],
  [150, "1h"],
] as const;
/** A day of crypto or forex has about as many minutes as three and a half of a stock exchange. */
const SESSIONS_OF_DAY = 3.5;

/** The timeframe in which a range of a dataset is read best: up to some hundred bars. */
export function timeframeFor(dataset: string, from: string, to: string): string {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  const sessions = isRoundTheClock(dataset) ? days * SESSIONS_OF_DAY : days;
  return BY_DAYS.find(([most]) => sessions < most)?.[1] ?? "1d";
}

/** The next day in a direction (1 or -1), leaving out weekends of what does not trade then. */
export function nextDay(dataset: string, date: string, direction: number): string {
  let next = addDays(date, direction);
  while (isAtRest(dataset, next)) next = addDays(next, direction);
  return next;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day of another month; the last one of a month that is shorter. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0));
  return new Date(last.setUTCDate(Math.min(day, last.getUTCDate()))).toISOString().slice(0, 10);
}

function isRoundTheClock(dataset: string): boolean {
  return dataset === "crypto" || dataset === "forex";
}

/** Whether a dataset has no bars on that day of any week: crypto trades every day, forex from Sunday on. */
function isAtRest(dataset: string, date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  if (dataset === "crypto") return false;
  return weekday === SATURDAY || (weekday === SUNDAY && dataset !== "forex");
}
