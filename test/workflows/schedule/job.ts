import type { NightlyJob } from "../../../src/workflows/schedule/job.ts";

/** Folder and file names that every scheduler takes apart in its own way. */
export const HARD_NAMES: readonly string[] = [
  "plain",
  "two words",
  "it's",
  "''twice''",
  'say "so"',
  "100%",
  String.raw`%h\%i\\%%`,
  String.raw`back\slash\\two\n`,
  "$HOME ${PATH} $$",
  "`id` $(id) & ; | > < * ? [a] {b} ! #",
  "Kurse für Ägypten 日本 🚀",
  "<key>&amp;</key>",
  "~tilde",
  "-dash",
];

/** A job whose every part has `name` in it. */
export function jobOf(name: string, folder = "/srv"): NightlyJob {
  return {
    name: "massive-backfill-0123abcd",
    argv: [`${folder}/${name}/program`, "hybrid", `--data-dir=${folder}/${name}/data`, `--symbols=${name}`],
    workingDir: `${folder}/${name}`,
    logPath: `${folder}/${name}/data/logs/nightly.log`,
    time: "11:45",
    weekdays: [2, 3, 4, 5, 6],
  };
}
