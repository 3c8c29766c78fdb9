import { BackfillError, type ErrorKind } from "../core/errors.ts";
import type { Failure } from "../workflows/failures.ts";

/** What the exit code tells a script. The texts are those of the README. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: "all that was asked for is cached (and synced, if a database is set)" },
  bug: { code: 1, meaning: "a bug of ours; run again with --verbose and report it" },
  usage: { code: 2, meaning: "the command line is wrong" },
  settings: { code: 3, meaning: "settings, credentials or the plan do not allow it" },
  days: { code: 4, meaning: "some days failed, or the disk did; the rest is safe in the cache" },
  unsynced: { code: 5, meaning: "cached, but not all synced to the database" },
  faults: { code: 6, meaning: "the check found gaps or faults" },
  locked: { code: 7, meaning: "another run is at work in the same data directory" },
  interrupted: { code: 130, meaning: "interrupted; all finished days are kept" },
} as const;

const CODE_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  usage: EXIT_CODES.usage.code,
  settings: EXIT_CODES.settings.code,
  source: EXIT_CODES.days.code,
  data: EXIT_CODES.days.code,
  cache: EXIT_CODES.days.code,
  target: EXIT_CODES.unsynced.code,
  locked: EXIT_CODES.locked.code,
  interrupted: EXIT_CODES.interrupted.code,
};

/** The exit code for an error that ended a run. */
export function exitCodeOfError(error: unknown): number {
  return error instanceof BackfillError ? CODE_OF_KIND[error.kind] : EXIT_CODES.bug.code;
}

/** The exit code of a run that came to its end, from what it could not do. */
export function exitCodeOfRun(run: {
  readonly failures: readonly Failure[];
  readonly deniedDays: number;
  readonly unsynced: boolean;
}): number {
  if (run.failures.some((failure) => !failure.settings)) return EXIT_CODES.days.code;
  if (run.failures.length > 0 || run.deniedDays > 0) return EXIT_CODES.settings.code;
  return run.unsynced ? EXIT_CODES.unsynced.code : EXIT_CODES.ok.code;
}
