import { textOf, type Change } from "../../workflows/schedule/install.ts";
import type { Entry, Kind } from "../../workflows/schedule/entry.ts";
import type { NightlyJob } from "../../workflows/schedule/job.ts";
import type { LocalTime } from "../../workflows/schedule/local-time.ts";
import { formatDuration } from "../../core/format.ts";

const DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The entry as it would stand in its files, each under its name. */
export function entryText({ files, crontabBlock }: Entry): string {
  const shown = files.map(({ path, text }) => `# ${path}\n${text}`);
  return [...shown, ...(crontabBlock === null ? [] : [crontabBlock])].join("\n");
}

/** What an entry means, a sentence a line. */
export function scheduleNotes(entry: Entry, job: NightlyJob, local: LocalTime, timeZone: string): string[] {
  return [
    whenText(entry.kind, job, local, timeZone),
    ...(entry.kind === "systemd" || local.laterMinutes === 0
      ? []
      : [
          `The clocks of ${timeZone} and New York are not equally far apart all year: at times it runs up to ${formatDuration(local.laterMinutes * 60_000)} later by New York's, never earlier. That does no harm.`,
        ]),
    MISSED[entry.kind],
    `What it says is added to ${job.logPath}, some lines a night; delete or rotate it as you like.`,
    ...(entry.kind === "systemd"
      ? ["While you are not logged in, your timers run only after: loginctl enable-linger"]
      : []),
    `To take it away: ${entry.removal}`,
  ];
}

const MISSED: Readonly<Record<Kind, string>> = {
  cron: "cron does not make up for a run that was missed while the machine was off or asleep; the next one brings what is missing.",
  systemd:
    "A run that was missed while the machine was off or asleep is made up for as soon as it is on (Persistent=true).",
  launchd: "A run that was missed while the machine was asleep is made up for when it wakes.",
};

function whenText(kind: Kind, { time, weekdays }: NightlyJob, local: LocalTime, timeZone: string): string {
  const when = `Runs at ${time} New York time${daysText(weekdays)}`;
  return kind === "systemd"
    ? `${when}, all year.`
    : `${when}; here at ${local.time} (${timeZone})${daysText(local.weekdays)}.`;
}

function daysText(weekdays: readonly number[]): string {
  if (weekdays.length === DAY_NAMES.length) return ", every day";
  return `, ${weekdays.map((day) => (DAY_NAMES[day - 1] ?? "").slice(0, 3)).join(" ")}`;
}

/** What an installation would do to what is there: one state for each place, and the lines that go and come. */
export function changesText(changes: readonly Change[]): string {
  return changes.map((change) => `${changeText(change)}\n`).join("");
}

function changeText({ path, before, after }: Change): string {
  const name = path ?? "your crontab";
  if (before === after) return `${name}: is so already`;
  if (before === null) return `${name}: new`;
  const [old, now] = [textOf(before).split("\n"), textOf(after).split("\n")];
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `\n  - ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `\n  + ${line}`),
  ];
  return `${name}: changes${lines.join("")}`;
}

/** `new`, `changed` or `unchanged`. */
export function changeState({ before, after }: Change): "new" | "changed" | "unchanged" {
  if (before === after) return "unchanged";
  return before === null ? "new" : "changed";
}

/** The last line of an installation: done, or what is left to be run where the scheduler's program is. */
export function installedText(stepsLeft: readonly string[]): string {
  if (stepsLeft.length === 0) return "Installed.\n";
  const lines = stepsLeft.map((step) => `  ${step}\n`).join("");
  return `Written. The scheduler's program is not on PATH here: run these where it is.\n${lines}`;
}
