import type { Contestant } from "./alternate.ts";
import type { Bench } from "./case.ts";
import type { DayFile } from "./day-files.ts";
import { timed } from "./process.ts";

/** The series of the compiled process that only gunzips a file. */
export const GUNZIP = "gunzip alone, same runtime";

/** That process, for the cases that are held against it. */
export function gunzipContestant(bench: Bench, day: DayFile): Contestant {
  return async () => ({ [GUNZIP]: (await timed([bench.gunzip, day.path])).seconds });
}
