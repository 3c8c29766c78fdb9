import type { Dataset } from "./datasets.ts";

/** The regular trading session of a dataset on one date. */
export interface Session {
  readonly date: string;
  /** First minute of the session, UTC epoch milliseconds. */
  readonly openMs: number;
  /** End of the session (exclusive), UTC epoch milliseconds. */
  readonly closeMs: number;
  /** Length of the session in minutes: 390 for a full NYSE day, 210 on an early close at 13:00. */
  readonly minutes: number;
}

/** The session of `dataset` on `date`, or null if there is none that day. */
export function sessionOf(_dataset: Dataset, _date: string): Session | null {
  throw new Error("being written");
}
