import { Database, SQLiteError } from "bun:sqlite";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BackfillError, errorText } from "../core/errors.ts";
import { explanationOf, LEADS_NOWHERE, leadsNowhere } from "./explanations.ts";
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

/** As `openCache`, of a cache that is there, for somebody who stays beside other runs: nothing can be written through it. */
export function openCacheReadOnly(dataDir: string): Cache {
  const cache = openCache(dataDir);
  cache.db.run("PRAGMA query_only = ON");
  return cache;
}

/** Opens the cache of `dataDir` for looking only; null if there is none yet. */
export function openCacheToRead(dataDir: string): Cache | null {
  return hasCache(dataDir) ? openCache(dataDir) : null;
}

/**
 * Whether there is a cache in `dataDir`.
 * @throws BackfillError (cache) if nobody can tell: it may not be looked at, or is a link to a disk that is away.
 */
export function hasCache(dataDir: string): boolean {
  const path = join(dataDir, CACHE_FILE);
  try {
    const nowhere = [dataDir, path].find((link) => leadsNowhere(link));
    if (nowhere !== undefined)
      throw new BackfillError({ kind: "cache", operation: `use ${nowhere}`, ...LEADS_NOWHERE });
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw explain(error, path);
  }
}

/** The format of the caches that this version writes. */
export const CACHE_FORMAT = MIGRATIONS.length;

/**
 * The format of the cache of `dataDir`, 0 for an empty file; null if there is none. Nothing is made or changed.
 * @throws BackfillError (cache) if it cannot be looked at.
 */
export function cacheFormat(dataDir: string): number | null {
  if (!hasCache(dataDir)) return null;
  const path = join(dataDir, CACHE_FILE);
  if (statSync(path).size === 0) return 0;
  try {
    // A cache in use has its latest changes beside it, which only somebody who may write there can read.
    using db = new Database(path, { readwrite: true, strict: true });
    return versionOf(db);
  } catch (error) {
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
  refuseForeign(db, path);
  db.run("PRAGMA journal_mode = WAL");
  // In WAL mode NORMAL keeps every committed transaction through a crash of the program, and a consistent
  // file through a power cut.
  db.run("PRAGMA synchronous = NORMAL");
  db.run("PRAGMA temp_store = MEMORY");
  migrate(db, path);
}

/** The tables that every version of the cache has had. */
const OLDEST_TABLES = ["bars", "symbols", "tracked"];

/** @throws BackfillError (cache) if the database is that of another program, which is left as it is. */
function refuseForeign(db: Database, path: string): void {
  // One statement, for another process may be making the tables.
  const found = db
    .query<{ version: number; tables: number; ours: number }, string[]>(
      `SELECT (SELECT user_version FROM pragma_user_version) AS version, count(*) AS tables,
         count(*) FILTER (WHERE name IN (?, ?, ?)) AS ours FROM sqlite_schema`,
    )
    .get(...OLDEST_TABLES);
  const { version, tables, ours } = found ?? { version: 0, tables: 0, ours: 0 };
  if (version > MIGRATIONS.length) return;
  if (version === 0 ? tables === 0 : ours === OLDEST_TABLES.length) return;
  throw new BackfillError({
    kind: "cache",
    code: "foreign-cache",
    operation: `open the cache ${path}`,
    reason: "it is the database of another program",
    nextStep: "Move it away or choose another --data-dir.",
  });
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

/**
 * The error to throw for `error` of SQLite or the file system at `path`, in words; others as they are.
 * @param operation what could not be done; default: to use the cache, or the file that the file system names.
 */
export function explain(error: unknown, path: string, operation?: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const named =
    error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : null;
  const known = explanationOf(code, named ?? path);
  if (known === null) return error;
  return new BackfillError({
    kind: "cache",
    help: known.isFull ? "disk" : undefined,
    operation: operation ?? (named === null ? `use the cache ${path}` : `use ${named}`),
    reason: `${known.reason} (${errorText(error)})`,
    nextStep: known.nextStep,
    cause: error,
  });
}
