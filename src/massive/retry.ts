/** A request that failed and is going to be tried again. */
export interface Retry {
  /** `download us_indices/…`, as in errors. */
  readonly operation: string;
  /** Why it failed, in the user's words. */
  readonly reason: string;
  /** Failures in a row, this one included. */
  readonly failures: number;
}
