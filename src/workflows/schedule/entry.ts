import { join } from "node:path";
import { cronBlock } from "./cron.ts";
import type { NightlyJob } from "./job.ts";
import { propertyList } from "./launchd.ts";
import type { LocalTime } from "./local-time.ts";
import { refuseControlCharacters } from "./quoting.ts";
import { serviceUnit, timerUnit } from "./systemd.ts";

export const KINDS = ["cron", "systemd", "launchd"] as const;

/** The scheduler of a machine. */
export type Kind = (typeof KINDS)[number];

/** A command that a scheduler is told with. */
interface Step {
  readonly argv: readonly string[];
  /** Whether it may fail, since it undoes what need not be there. */
  readonly mayFail?: true;
}

/** All that makes a scheduler run a job. */
export interface Entry {
  readonly kind: Kind;
  readonly name: string;
  /** Files of its own. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Lines for the user's crontab; null if the kind has none. */
  readonly crontabBlock: string | null;
  /** What is to be run once the files are there. */
  readonly steps: readonly Step[];
  /** How the job is taken away again, as a shell line. */
  readonly removal: string;
}

/** Where schedulers look for a user's files. */
export interface UserPlaces {
  readonly homeDir: string;
  readonly configDir: string;
  /** Null where users have no number. */
  readonly userId: number | null;
}

/**
 * The entry of a job for one kind of scheduler.
 * @throws BackfillError (usage) for names that no scheduler takes.
 */
export function makeEntry(kind: Kind, job: NightlyJob, local: LocalTime, places: UserPlaces): Entry {
  for (const text of [...job.argv, job.workingDir, job.logPath]) refuseControlCharacters(text);
  if (kind === "cron")
    return {
      kind,
      name: job.name,
      files: [],
      crontabBlock: cronBlock(job, local),
      steps: [],
      removal: "crontab -e",
    };
  return kind === "systemd" ? systemdEntry(job, places) : launchdEntry(job, local, places);
}

function systemdEntry(job: NightlyJob, { configDir }: UserPlaces): Entry {
  const folder = join(configDir, "systemd", "user");
  const timer = `${job.name}.timer`;
  return {
    kind: "systemd",
    name: job.name,
    files: [
      { path: join(folder, `${job.name}.service`), text: serviceUnit(job) },
      { path: join(folder, timer), text: timerUnit(job) },
    ],
    crontabBlock: null,
    steps: [
      { argv: ["systemctl", "--user", "daemon-reload"] },
      { argv: ["systemctl", "--user", "enable", "--now", timer] },
      // A timer that was running before goes by its new times only then.
      { argv: ["systemctl", "--user", "restart", timer] },
    ],
    removal: `systemctl --user disable --now ${timer}`,
  };
}

function launchdEntry(job: NightlyJob, local: LocalTime, { homeDir, userId }: UserPlaces): Entry {
  const path = join(homeDir, "Library", "LaunchAgents", `${job.name}.plist`);
  const domain = `gui/${userId ?? 0}`;
  return {
    kind: "launchd",
    name: job.name,
    files: [{ path, text: propertyList(job, local) }],
    crontabBlock: null,
    steps: [
      { argv: ["launchctl", "bootout", `${domain}/${job.name}`], mayFail: true },
      { argv: ["launchctl", "bootstrap", domain, path] },
    ],
    removal: `launchctl bootout ${domain}/${job.name}`,
  };
}
