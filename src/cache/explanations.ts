import { accessSync, constants, existsSync, lstatSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

interface Explanation {
  readonly reason: string;
  readonly nextStep: string;
}

/** What is known about an error. */
interface KnownError extends Explanation {
  /** Whether room on the disk is what is lacking. */
  readonly isFull: boolean;
}

/**
 * Why SQLite or the file system cannot use the file or folder at `path`, from the error's code and from what is seen
 * there: SQLite says "unable to open database file" of all there is. Null for errors that are none of theirs.
 */
export function explanationOf(code: string, path: string): KnownError | null {
  const known = EXPLANATIONS.find(([prefix]) => seenCode(code, path).startsWith(prefix));
  if (known === undefined) return null;
  const [, reason, nextStep] = known;
  return { reason: reason.replace("%", basename(path)), nextStep, isFull: nextStep === FREE };
}

/** Whether `path` is a link to what is not there, such as to a disk that is not mounted. */
export function leadsNowhere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path);
}

const LINK = "LINK";
/** What to say of a link to what is not there. */
export const LEADS_NOWHERE: Explanation = {
  reason: "it is a link that leads nowhere",
  nextStep: "Mount the disk it leads to, or choose another --data-dir.",
};
const FULL = "ENOSPC";
const FOLDER = "EISDIR";
const LONG = "ENAMETOOLONG";
const WRITE = "Give yourself permission to read and write there, or choose another --data-dir.";
const FREE = "Free some space and run the same command again.";
const READ_AGAIN = "Move it away and run hybrid again: kept flat files are read again.";
const ELSEWHERE = "Choose another --data-dir.";

const EXPLANATIONS: readonly (readonly [code: string, reason: string, nextStep: string])[] = [
  ["SQLITE_NOTADB", "the file is not a SQLite database", READ_AGAIN],
  ["SQLITE_CORRUPT", "the file is damaged", READ_AGAIN],
  ["SQLITE_FULL", "the disk is full", FREE],
  ["SQLITE_READONLY", "the file is read-only", WRITE],
  ["SQLITE_CANTOPEN", "the file cannot be opened", "Check its permissions or choose another --data-dir."],
  ["SQLITE_BUSY", "another program holds it", "Close the other program (a SQLite browser?) and run again."],
  ["SQLITE_IOERR", "the disk could not be read or written", "Check the disk and run the same command again."],
  ["ENOENT", "the folder cannot be made", ELSEWHERE],
  ["EACCES", "permission denied", WRITE],
  ["EPERM", "permission denied", WRITE],
  ["EROFS", "the disk is read-only", "Mount it for writing or choose another --data-dir."],
  [FULL, "the disk is full", FREE],
  ["EDQUOT", "your quota on the disk is used up", FREE],
  ["ENOTDIR", "a part of the path is a file", ELSEWHERE],
  ["EEXIST", "there is a file where the folder should be", ELSEWHERE],
  [
    FOLDER,
    "there is a folder where the file % should be",
    "Move the folder away or choose another --data-dir.",
  ],
  ["ELOOP", "a link leads back to itself", "Remove the link or choose another --data-dir."],
  [LINK, LEADS_NOWHERE.reason, LEADS_NOWHERE.nextStep],
  [LONG, "the path is too long", "Choose a --data-dir with a shorter path."],
  ["EIO", "the disk could not be read or written", "Check the disk and run the same command again."],
];

function seenCode(code: string, path: string): string {
  if (code === "EEXIST") return leadsNowhere(path) ? LINK : code;
  if (code.startsWith("SQLITE_IOERR")) return isFull(dirname(path)) ? FULL : code;
  if (!/^SQLITE_(CANTOPEN|READONLY)/.test(code)) return code;
  return obstacleAt(path) ?? code;
}

/** What stands in the way of writing a database: its folder has to be writable too, for SQLite's log. */
function obstacleAt(path: string): string | null {
  if (Buffer.byteLength(resolve(path)) > LONGEST_SQLITE_PATH_BYTES) return LONG;
  const denied = denialAt(dirname(path), constants.W_OK | constants.X_OK);
  if (denied !== null) return denied;
  if (leadsNowhere(path)) return LINK;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return FOLDER;
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    const code = denialAt(file, constants.R_OK | constants.W_OK);
    if (code !== null && code !== "ENOENT") return code;
  }
  return isFull(dirname(path)) ? FULL : null;
}

/** MAX_PATHNAME of SQLite's os_unix.c is 512; its log's name is longer by a few. */
const LONGEST_SQLITE_PATH_BYTES = 500;

function denialAt(path: string, mode: number): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : null;
  }
}

/** SQLite takes 32 kB at once for the index of its log, and does not say why it cannot. */
const LEAST_FREE_BYTES = 64_000;

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder);
    return blocks > 0 && bavail * bsize < LEAST_FREE_BYTES;
  } catch {
    // A file system that says nothing about itself is not known to be full.
    return false;
  }
}
