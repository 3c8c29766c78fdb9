import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { BackfillError } from "../core/errors.ts";
import { explain } from "./cache.ts";

const LOCK_FILE = "massive.lock";
/** Whoever only looks who holds the lock (`lockHolder`) has it for a moment, which is no reason to give up. */
const LOOK_MS = 250;

export interface Lock {
  release(): void;
}

/** Who holds a lock. */
export interface LockHolder {
  readonly command: string;
  readonly pid: number;
  /** When it was taken, epoch ms. */
  readonly sinceMs: number;
}

/** The files of the locks that are held: the garbage collector closes a file that nobody knows, and its lock ends. */
const heldFiles = new Set<Database>();

/**
 * Takes the lock of `dataDir` for `command`. The lock is a write transaction that stays open on a small SQLite
 * file: the operating system ends it with the process, however that dies, so no lock is ever left behind. The
 * file also says who holds it, for the message the next one gets.
 * @throws BackfillError (locked) if another process holds it, (cache) if the data directory cannot be used.
 */
export function takeLock(dataDir: string, command: string): Lock {
  const path = join(dataDir, LOCK_FILE);
  const operation = `lock ${dataDir} for ${command}`;
  try {
    mkdirSync(dataDir, { recursive: true });
    return holdAnyFile(path, { command, operation });
  } catch (error) {
    throw explain(error, path, operation);
  }
}

interface Claim {
  readonly command: string;
  readonly operation: string;
}

/** As `holdFile`, of a file with whatever in it. */
function holdAnyFile(path: string, claim: Claim): Lock {
  try {
    return holdFile(path, claim);
  } catch (error) {
    if (!USELESS_FILE.has(codeOf(error))) throw error;
    // What a crash of the machine left of it. The file stays the same one, so that a lock which another process has
    // on it by now is seen; a new file beside the old one would be a second lock.
    truncateSync(path);
    return holdFile(path, claim);
  }
}

/** No database, a damaged one, or one with other tables: nothing in it is worth keeping. */
const USELESS_FILE: ReadonlySet<string> = new Set(["SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"]);

function holdFile(path: string, { command, operation }: Claim): Lock {
  const db = new Database(path, { create: true, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${LOOK_MS}`);
    db.run("BEGIN IMMEDIATE");
    writeHolder(db, command);
    db.run("BEGIN IMMEDIATE");
  } catch (error) {
    const holder = holderOf(db);
    db.close();
    if (codeOf(error) !== "SQLITE_BUSY") throw error;
    throw new BackfillError({
      kind: "locked",
      operation,
      reason: `another run is at work there${holderText(holder)}`,
      nextStep: "Wait until it is done, or use another --data-dir.",
    });
  }
  heldFiles.add(db);
  return {
    release() {
      heldFiles.delete(db);
      db.run("ROLLBACK");
      db.close();
    },
  };
}

/** Who holds the lock of `dataDir`; null if nobody does, `unknown` if that cannot be read now. Takes and changes nothing. */
export function lockHolder(dataDir: string): LockHolder | "unknown" | null {
  const path = join(dataDir, LOCK_FILE);
  if (!existsSync(path)) return null;
  let db: Database | null = null;
  try {
    db = new Database(path, { readwrite: true, strict: true });
    db.run("PRAGMA busy_timeout = 0");
    db.run("BEGIN IMMEDIATE");
    db.run("ROLLBACK");
    return null;
  } catch (error) {
    if (db !== null && codeOf(error) === "SQLITE_BUSY") return holderOf(db);
    // Whoever takes the lock empties such a file; one that is gone by now holds nothing.
    if (USELESS_FILE.has(codeOf(error)) || !existsSync(path)) return null;
    throw explain(error, path);
  } finally {
    db?.close();
  }
}

/** Says who holds the lock. On a full disk, where `prune` has to work all the same, nobody can say it. */
function writeHolder(db: Database, command: string): void {
  try {
    db.run("CREATE TABLE IF NOT EXISTS holder (pid INTEGER, command TEXT, since TEXT)");
    db.run("DELETE FROM holder");
    db.run("INSERT INTO holder VALUES (?, ?, ?)", [process.pid, command, new Date().toISOString()]);
    db.run("COMMIT");
  } catch (error) {
    if (codeOf(error) !== "SQLITE_FULL") throw error;
    if (db.inTransaction) db.run("ROLLBACK");
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** ` (hybrid, process 42, since 2024-11-22T21:00:05.000Z)`; empty for an unknown one. */
export function holderText(holder: LockHolder | "unknown"): string {
  if (holder === "unknown") return "";
  const { command, pid, sinceMs } = holder;
  return ` (${command}, process ${pid}, since ${new Date(sinceMs).toISOString()})`;
}

function holderOf(db: Database): LockHolder | "unknown" {
  try {
    const row = db
      .query<{ pid: number; command: string; since: string }, []>("SELECT pid, command, since FROM holder")
      .get();
    return row === null ? "unknown" : { command: row.command, pid: row.pid, sinceMs: Date.parse(row.since) };
  } catch {
    // It is being written at this very moment; the message does without.
    return "unknown";
  }
}
