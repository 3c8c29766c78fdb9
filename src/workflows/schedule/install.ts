import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { BackfillError, errorText } from "../../core/errors.ts";
import { mergeCrontab } from "./cron.ts";
import type { Entry } from "./entry.ts";
import { MADE_BY } from "./job.ts";
import { hasTool, mustRun, runTool, toolReason } from "./tools.ts";
import { writeWhole } from "./write-whole.ts";

/** What an installation makes of one file, or of the crontab (`path` null). */
export interface Change {
  readonly path: string | null;
  /** Its content as bytes, one a character: what others wrote there need not be UTF-8. */
  readonly after: string;
  /** Null if it is not there. */
  readonly before: string | null;
}

/**
 * Looks at what is there and works out what an installation changes; changes nothing.
 * @throws BackfillError (settings) if a file is there that this program did not make, or there is no crontab program.
 */
export async function surveyInstallation(entry: Entry): Promise<Change[]> {
  const files = entry.files.map(({ path, text }): Change => {
    const before = readIfThere(path);
    if (before !== null && !before.includes(MADE_BY))
      throw new BackfillError({
        kind: "settings",
        operation: `write ${path}`,
        reason: "there is a file of that name which this program did not make",
        nextStep: "Move it away, and run the same command again.",
      });
    return { path, after: bytesOf(text), before };
  });
  if (entry.crontabBlock === null) return files;
  const before = await readCrontab();
  const after = mergeCrontab(before ?? "", entry.name, bytesOf(entry.crontabBlock));
  return [...files, { path: null, after, before }];
}

/**
 * Writes the files or the crontab and tells the scheduler. Returns the shell lines that are left to be run, where the
 * scheduler's program is not on this machine.
 * @throws BackfillError (settings) with what the file system or the scheduler said.
 */
export async function install(entry: Entry, changes: readonly Change[], logDir: string): Promise<string[]> {
  explaining(logDir, () => mkdirSync(logDir, { recursive: true }));
  for (const { path, after, before } of changes) {
    if (after === before) continue;
    const bytes = Buffer.from(after, "latin1");
    if (path === null) await mustRun(["crontab", "-"], "Put the lines in with crontab -e.", bytes);
    else
      explaining(path, () => {
        mkdirSync(dirname(path), { recursive: true });
        writeWhole(path, bytes);
      });
  }
  const left: string[] = [];
  for (const { argv, mayFail } of entry.steps) {
    const [tool = ""] = argv;
    if (!hasTool(tool)) left.push(argv.join(" "));
    else if (mayFail) await runTool(argv);
    else await mustRun(argv, "The files are written: log in as that user and run the command there.");
  }
  return left;
}

/** The text of a `Change`'s content. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The user's crontab; null if there is none yet. */
async function readCrontab(): Promise<string | null> {
  if (!hasTool("crontab"))
    throw unreadable(
      "there is no crontab program on PATH",
      "Install cron (on Debian: apt install cron), or choose --kind=systemd or --kind=launchd.",
    );
  const { code, stdout, stderr } = await runTool(["crontab", "-l"]);
  if (code === 0) return Buffer.from(stdout).toString("latin1");
  if (/no crontab/i.test(stderr)) return null;
  throw unreadable(
    toolReason({ code, stderr }),
    "Ask whoever looks after this machine, or choose another --kind.",
  );
}

function unreadable(reason: string, nextStep: string): BackfillError {
  return new BackfillError({ kind: "settings", operation: "read the crontab", reason, nextStep });
}

function readIfThere(path: string): string | null {
  return explaining(path, () => {
    try {
      return readFileSync(path, "latin1");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  });
}

function explaining<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new BackfillError({
      kind: "settings",
      operation: `install ${path}`,
      reason: errorText(error),
      nextStep: "Check the permissions of the folder, or take what is printed without --install.",
      cause: error,
    });
  }
}
