import { NEW_YORK } from "../../core/dates.ts";
import { MADE_BY, type NightlyJob } from "./job.ts";
import { systemdPath, systemdWord } from "./quoting.ts";

const DAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** The unit that runs the job once. The colon keeps systemd from reading $ in the command line. */
export function serviceUnit(job: NightlyJob): string {
  return `# ${MADE_BY}
# Only one run works in a data directory: it holds the lock there, a second one ends with exit code 7.
[Unit]
Description=Nightly massive-backfill (${job.name})

[Service]
Type=oneshot
WorkingDirectory=${systemdPath(job.workingDir)}
ExecStart=:${commandOf(job).map(systemdWord).join(" ")}
StandardOutput=append:${systemdPath(job.logPath)}
StandardError=inherit
`;
}

/** systemd refuses quotes and backslashes in the name of a program, though not in arguments: then a shell starts it. */
function commandOf({ argv }: NightlyJob): readonly string[] {
  return /['"\\]/.test(argv[0] ?? "") ? ["/bin/sh", "-c", 'exec "$0" "$@"', ...argv] : argv;
}

/** The unit that starts it, by New York's clock all year, and after sleep if it was missed. */
export function timerUnit(job: NightlyJob): string {
  const days = dayNames(job.weekdays);
  return `# ${MADE_BY}
[Unit]
Description=When massive-backfill runs (${job.name})

[Timer]
OnCalendar=${days === "" ? "" : `${days} `}*-*-* ${job.time}:00 ${NEW_YORK}
Persistent=true

[Install]
WantedBy=timers.target
`;
}

/** `Tue..Sat`; nothing for every day. */
function dayNames(weekdays: readonly number[]): string {
  if (weekdays.length === DAY_NAMES.length) return "";
  const names = weekdays.map((day) => DAY_NAMES[day - 1] ?? "");
  const isRange = weekdays.every((day, at) => at === 0 || day === (weekdays[at - 1] ?? 0) + 1);
  return isRange && names.length > 2 ? `${names[0]}..${names.at(-1)}` : names.join(",");
}
