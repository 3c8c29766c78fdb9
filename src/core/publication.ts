import { MINUTE_MS } from "./bar.ts";
import { DATASET_FACTS, type Dataset } from "./datasets.ts";
import { addDays, NEW_YORK, zonedTimeMs } from "./dates.ts";

/** REST plans of the vendor are up to 15 minutes behind. */
export const DELAY_MS = 15 * MINUTE_MS;

/**
 * When a day's flat file is due, epoch ms: about 11:00 in New York on the next day, says the vendor. A file may
 * be there earlier or later: whether it is published, only the listing tells.
 */
export function flatFileDueMs(date: string): number {
  return zonedTimeMs(addDays(date, 1), "11:00", NEW_YORK);
}

/**
 * When the last bar of a day has reached every plan, epoch ms. US sessions end with the stocks' late trading at
 * 20:00 New York; crypto and forex days end with the day.
 */
export function dayIsOverMs(dataset: Dataset, date: string): number {
  const { sessionCalendar, dayTimeZone } = DATASET_FACTS[dataset];
  const endMs =
    sessionCalendar === "nyse"
      ? zonedTimeMs(date, "20:00", NEW_YORK)
      : zonedTimeMs(addDays(date, 1), "00:00", dayTimeZone);
  return endMs + DELAY_MS;
}

/** The evening of `date` in New York, epoch ms: the moment that `--today` stands for. */
export function eveningMs(date: string): number {
  return zonedTimeMs(date, "21:00", NEW_YORK);
}
