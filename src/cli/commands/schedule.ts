import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { KINDS, makeEntry, type Entry, type Kind } from "../../workflows/schedule/entry.ts";
import { install, surveyInstallation } from "../../workflows/schedule/install.ts";
import { localTimeOf } from "../../workflows/schedule/local-time.ts";
import { hasTool, runTool } from "../../workflows/schedule/tools.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  DATABASE_FLAGS,
  SYMBOL_FLAGS,
  textFlag,
  timeFlag,
  usage,
  type FlagValues,
} from "../flags.ts";
import { nightlyPlan } from "../nightly-job.ts";
import { changesText, changeState, entryText, installedText, scheduleNotes } from "../render/schedule.ts";
import { printResult, readInvocation } from "../run.ts";
import { refuseSyntheticFolder } from "../synthetic.ts";

/** Three quarters of an hour after flat files are due. */
const DEFAULT_TIME = "11:45";

export const scheduleCommand: Command = {
  name: "schedule",
  summary: "Show, or install, the cron, systemd or launchd entry that runs hybrid every night",
  flags: {
    kind: {
      type: "string",
      description: "cron, systemd or launchd (default: what this machine has)",
      valueHint: "KIND",
    },
    at: {
      type: "string",
      description: `time in New York (default ${DEFAULT_TIME}: flat files are due at 11:00)`,
      valueHint: "HH:MM",
    },
    install: { type: "boolean", description: "put it in place, after showing it" },
    ...SYMBOL_FLAGS,
    table: DATABASE_FLAGS.table,
    ...COMMON_FLAGS,
  },
  examples: ["schedule", "schedule --install", "schedule --kind=cron --at=12:30 --data-dir=/srv/bars"],
  async run(flags, io) {
    const time = timeFlag(flags, "at") ?? DEFAULT_TIME;
    const kindAsked = kindFlag(flags);
    const invocation = readInvocation(flags, io);
    refuseSyntheticFolder(invocation.settings.dataDir, "schedule");
    const { job, notes } = nightlyPlan(flags, invocation, time);
    const timeZone = Temporal.Now.timeZoneId();
    const local = localTimeOf(time, job.weekdays, timeZone, io.clockMs);
    const entry = makeEntry(kindAsked ?? (await kindOfMachine()), job, local, userPlaces());
    const plan: SchedulePlan = {
      entry,
      logDir: dirname(job.logPath),
      notes: [...scheduleNotes(entry, job, local, timeZone), ...notes],
      json: { command: "schedule", ...entryJson(entry), job, local: { timeZone, ...local } },
    };
    if (flags["install"] === true) await installEntry(flags, io, plan);
    else showEntry(flags, io, plan);
    return EXIT_CODES.ok.code;
  },
};

interface SchedulePlan {
  readonly entry: Entry;
  readonly logDir: string;
  readonly notes: readonly string[];
  readonly json: object;
}

/** Prints the entry alone on stdout, for a file or a pipe, and what it means beside it. */
function showEntry(flags: FlagValues, io: Io, { entry, logDir, notes, json }: SchedulePlan): void {
  const folder = existsSync(logDir)
    ? []
    : [`The folder ${logDir} has to be there first; --install makes it.`];
  const allNotes = [...notes, ...folder, "Nothing was installed: the same command with --install does it."];
  printResult(flags, io, { ...json, notes: allNotes, installed: false }, () => entryText(entry));
  say(flags, io, allNotes);
}

async function installEntry(flags: FlagValues, io: Io, plan: SchedulePlan): Promise<void> {
  const { entry, logDir, notes, json } = plan;
  const changes = await surveyInstallation(entry);
  if (flags["json"] !== true) io.terminal.out(`${entryText(entry)}\n${changesText(changes)}\n`);
  const stepsLeft = await install(entry, changes, logDir);
  const states = changes.map((change) => ({ path: change.path, state: changeState(change) }));
  printResult(flags, io, { ...json, notes, installed: true, changes: states, stepsLeft }, () =>
    installedText(stepsLeft),
  );
  say(flags, io, notes);
}

function say(flags: FlagValues, { terminal }: Io, notes: readonly string[]): void {
  if (flags["json"] !== true && flags["quiet"] !== true) for (const note of notes) terminal.words.info(note);
}

function entryJson({ kind, name, files, crontabBlock, steps, removal }: Entry): object {
  return { kind, name, files, crontab: crontabBlock, steps: steps.map(({ argv }) => argv), removal };
}

function kindFlag(flags: FlagValues): Kind | undefined {
  const text = textFlag(flags, "kind");
  const kind = KINDS.find((one) => one === text);
  if (text === undefined || kind !== undefined) return kind;
  throw usage("kind", `"${text}" is no kind of scheduler`, `Write one of ${KINDS.join(", ")}.`);
}

/** A user's own units are usable where systemd answers for that user, which it does not in a container. */
async function kindOfMachine(): Promise<Kind> {
  if (process.platform === "darwin") return "launchd";
  if (!hasTool("systemctl")) return "cron";
  const { code } = await runTool(["systemctl", "--user", "show-environment"]);
  return code === 0 ? "systemd" : "cron";
}

function userPlaces() {
  const homeDir = homedir();
  const configHome = process.env["XDG_CONFIG_HOME"];
  return {
    homeDir,
    configDir: configHome?.startsWith("/") ? configHome : join(homeDir, ".config"),
    userId: process.getuid?.() ?? null,
  };
}
