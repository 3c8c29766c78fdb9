import { Database } from "bun:sqlite";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { BackfillError } from "../core/errors.ts";
import { explain } from "./cache.ts";

const LOCK_FILE = "massive.lock";

export interface Lock {
  release(): void;
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
  const db = openLockFile(dataDir, path);
  try {
    db.run("PRAGMA busy_timeout = 0");
    db.run("BEGIN IMMEDIATE");
    writeHolder(db, command);
    db.run("BEGIN IMMEDIATE");
  } catch (error) {
    const holder = holderOf(db);
    db.close();
    if (!(error instanceof Error) || !("code" in error) || error.code !== "SQLITE_BUSY")
      throw explain(error, path);
    throw new BackfillError({
      kind: "locked",
      operation: `lock ${dataDir} for ${command}`,
      reason: `another run is at work there${holder}`,
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

/** Who holds the lock of `dataDir`, as ` (hybrid, process 42, since …)`; null if nobody does. Takes and changes nothing. */
export function lockHolder(dataDir: string): string | null {
  const path = join(dataDir, LOCK_FILE);
  if (!existsSync(path)) return null;
  const db = new Database(path, { readwrite: true, strict: true });
  try {
    db.run("PRAGMA busy_timeout = 0");
    db.run("BEGIN IMMEDIATE");
    db.run("ROLLBACK");
    return null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") return holderOf(db);
    throw explain(error, path);
  } finally {
    db.close();
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
    if (!(error instanceof Error && "code" in error && error.code === "SQLITE_FULL")) throw error;
    if (db.inTransaction) db.run("ROLLBACK");
  }
}

function openLockFile(dataDir: string, path: string): Database {
  try {
    mkdirSync(dataDir, { recursive: true });
    return new Database(path, { create: true, strict: true });
  } catch (error) {
    throw explain(error, path);
  }
}

function holderOf(db: Database): string {
  try {
    const row = db
      .query<{ pid: number; command: string; since: string }, []>("SELECT pid, command, since FROM holder")
      .get();
    return row ? ` (${row.command}, process ${row.pid}, since ${row.since})` : "";
  } catch {
    // It is being written at this very moment; the message does without.
    return "";
  }
}
