import { Database, SQLiteError } from "bun:sqlite";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BackfillError, errorText } from "../core/errors.ts";
import { MIGRATIONS } from "./migrations.ts";

/** The file name of the cache inside a data directory. */
export const CACHE_FILE = "massive.sqlite";

// Bun forgets all but the last 20 statements of a database; there are more than that here, and some are used for
// every symbol of a day.
Database.MAX_QUERY_CACHE_SIZE = 100;

/** The local store: an open SQLite file and the one queue through which everything is written to it. */
export interface Cache {
  readonly db: Database;
  readonly path: string;
  /**
   * Runs `work` in a transaction: all of it is kept, or, if it throws or rejects, nothing. Calls wait for each
   * other, so work that is under way for a while (a file being read) never mixes with another's.
   */
  write<T>(work: () => T | Promise<T>): Promise<T>;
  close(): void;
}

/**
 * Opens the cache of `dataDir`, creating folder and file if they are not there and bringing the tables up to date.
 * @throws BackfillError (cache) if the file is not a cache, is from a newer version or cannot be written.
 */
export function openCache(dataDir: string): Cache {
  const path = join(dataDir, CACHE_FILE);
  try {
    mkdirSync(dataDir, { recursive: true });
    return new SqliteCache(openFile(path), path);
  } catch (error) {
    throw explain(error, path);
  }
}

/**
 * Opens the file for us and others. On a disk so full that SQLite cannot make the small file over which its users agree,
 * for us alone, which needs none: what is there can be looked at, and `prune` can make room.
 */
function openFile(path: string): Database {
  try {
    return openPrepared(path, "NORMAL");
  } catch (error) {
    if (error instanceof SQLiteError && error.code === "SQLITE_IOERR_SHMSIZE")
      return openPrepared(path, "EXCLUSIVE");
    throw error;
  }
}

function openPrepared(path: string, lockingMode: "NORMAL" | "EXCLUSIVE"): Database {
  const db = new Database(path, { create: true, strict: true });
  try {
    db.run(`PRAGMA locking_mode = ${lockingMode}`);
    prepare(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the cache of `dataDir` for looking only; null if there is none yet. */
export function openCacheToRead(dataDir: string): Cache | null {
  return isCached(dataDir) ? openCache(dataDir) : null;
}

/**
 * Whether there is a cache in `dataDir`.
 * @throws BackfillError (cache) if the folder may not be looked into: that is not the same as nothing.
 */
export function isCached(dataDir: string): boolean {
  const path = join(dataDir, CACHE_FILE);
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return false;
    throw explain(error, path);
  }
}

/** A cache that is nowhere and empty: what there is to see where none was made yet. */
export function emptyCache(): Cache {
  const db = new Database(":memory:", { strict: true });
  migrate(db, ":memory:");
  return new SqliteCache(db, ":memory:");
}

function prepare(db: Database, path: string): void {
  db.run("PRAGMA busy_timeout = 10000");
  db.run("PRAGMA journal_mode = WAL");
  // In WAL mode NORMAL keeps every committed transaction through a crash of the program, and a consistent
  // file through a power cut.
  db.run("PRAGMA synchronous = NORMAL");
  db.run("PRAGMA temp_store = MEMORY");
  migrate(db, path);
}

function versionOf(db: Database): number {
  return db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}

function migrate(db: Database, path: string): void {
  const version = versionOf(db);
  if (version === MIGRATIONS.length) return;
  if (version > MIGRATIONS.length)
    throw new BackfillError({
      kind: "cache",
      code: "newer-cache",
      operation: `open the cache ${path}`,
      reason: `it was written by a newer version of massive-backfill (format ${version}, this one knows ${MIGRATIONS.length})`,
      nextStep: "Use the newer version, or another --data-dir.",
    });
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      // Another process may have been faster.
      if (versionOf(db) > index) return;
      db.run(migration.sql);
      db.run(`PRAGMA user_version = ${index + 1}`);
    }).immediate();
  }
}

class SqliteCache implements Cache {
  readonly db: Database;
  readonly path: string;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(db: Database, path: string) {
    this.db = db;
    this.path = path;
  }

  write<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(() => this.#inTransaction(work));
    // The queue goes on after a failure, which the caller of this write is told of.
    this.#lastWrite = result.catch(() => {});
    return result;
  }

  async #inTransaction<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      this.db.run("BEGIN IMMEDIATE");
      const result = await work();
      this.db.run("COMMIT");
      return result;
    } catch (error) {
      if (this.db.inTransaction) this.db.run("ROLLBACK");
      // The work may have to do with other files too, whose errors are not the cache's.
      throw error instanceof SQLiteError ? explain(error, this.path) : error;
    }
  }

  close(): void {
    this.db.close();
  }
}

/** The error to throw for `error` of SQLite or the file system at `path`, in words; others as they are. */
export function explain(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = EXPLANATIONS.find(([prefix]) => code.startsWith(prefix));
  if (known === undefined) return error;
  return new BackfillError({
    kind: "cache",
    help: known[1] === FULL ? "disk" : undefined,
    operation: `use the cache ${path}`,
    reason: `${known[1]} (${errorText(error)})`,
    nextStep: known[2],
    cause: error,
  });
}

const FULL = "the disk is full";

const EXPLANATIONS: readonly (readonly [code: string, reason: string, nextStep: string])[] = [
  ["SQLITE_NOTADB", "the file is not a SQLite database", "Move it away or choose another --data-dir."],
  [
    "SQLITE_CORRUPT",
    "the file is damaged",
    "Move it away and run hybrid again: kept flat files are read again.",
  ],
  ["SQLITE_FULL", FULL, "Free some space and run the same command again."],
  [
    "SQLITE_READONLY",
    "the file is read-only",
    "Give yourself write permission or choose another --data-dir.",
  ],
  ["SQLITE_CANTOPEN", "the file cannot be opened", "Check its permissions or choose another --data-dir."],
  ["SQLITE_BUSY", "another program holds it", "Close the other program (a SQLite browser?) and run again."],
  ["SQLITE_IOERR", "the disk could not be read or written", "Check the disk and run the same command again."],
  ["ENOENT", "the folder cannot be made", "Choose another --data-dir."],
  ["EACCES", "permission denied", "Give yourself write permission or choose another --data-dir."],
  ["EROFS", "the disk is read-only", "Choose another --data-dir."],
  ["ENOSPC", FULL, "Free some space and run the same command again."],
  ["ENOTDIR", "a part of the path is a file", "Choose another --data-dir."],
  ["EEXIST", "there is a file where the folder should be", "Choose another --data-dir."],
];
