import { createHash } from "node:crypto";
import { DATASET_FACTS, type Dataset, type SessionCalendar } from "../../core/datasets.ts";

/** A program to be run by the machine on some days at one time. */
export interface NightlyJob {
  /** What the machine's scheduler knows it by: letters, digits and dashes. */
  readonly name: string;
  /** The program, absolute, and its arguments. */
  readonly argv: readonly string[];
  /** Absolute; settings files are read from there. */
  readonly workingDir: string;
  /** Absolute; what the program says is added at its end. */
  readonly logPath: string;
  /** `HH:MM` in New York. */
  readonly time: string;
  /** Days of the week in New York, 1 for Monday to 7 for Sunday, in this order. */
  readonly weekdays: readonly number[];
}

/** The first words of every entry that this program makes: it overwrites no other. */
export const MADE_BY = "Made by massive-backfill schedule";

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** The mornings after the sessions of each calendar: that is when their flat files are published. */
const MORNINGS_AFTER: Readonly<Record<SessionCalendar, readonly number[]>> = {
  nyse: [2, 3, 4, 5, 6],
  forex: [1, 2, 3, 4, 5, 6],
  daily: EVERY_DAY,
};

/** The days of the week on which there is something new of `datasets`; those of the stock exchange if there are none. */
export function nightlyWeekdays(datasets: readonly Dataset[]): readonly number[] {
  const mornings = new Set(
    datasets.flatMap((dataset) => MORNINGS_AFTER[DATASET_FACTS[dataset].sessionCalendar]),
  );
  return mornings.size === 0 ? MORNINGS_AFTER.nyse : EVERY_DAY.filter((day) => mornings.has(day));
}

/** The name of the job of a data directory (absolute): always the same, and another one's is another. */
export function nightlyName(dataDir: string): string {
  return `massive-backfill-${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}`;
}

const LONGEST_WAIT_MINUTES = 120;
const [EARLIEST_TO_WAIT, LATEST_TO_WAIT] = ["09:30", "20:00"];

/**
 * Until when (`HH:MM`) a run that begins at `time` waits for files that are late: two hours. Null if waiting makes no
 * sense then: files are due at 11:00, and a run that the machine's clock begins late must not wait for the next day's.
 */
export function waitUntil(time: string): string | null {
  const isInTime = time >= EARLIEST_TO_WAIT && time <= LATEST_TO_WAIT;
  return isInTime ? clockTime(minutesOf(time) + LONGEST_WAIT_MINUTES) : null;
}

/** Minutes since midnight of `HH:MM`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** `HH:MM` of minutes since midnight. */
export function clockTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
