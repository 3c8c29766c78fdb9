import { Database } from "bun:sqlite";
import { join } from "node:path";
import { explain } from "../../cache/cache.ts";

const LOCK_FILE = "export.lock";
/** Whoever has it reads and writes one small file. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Does `work` while no other export from the cache in `dataDir` does its own. The lock is a transaction on an empty SQLite
 * file, which the operating system ends with the process, however that dies.
 * @throws BackfillError (cache) if the folder does not take the file.
 */
export function oneAtATime(dataDir: string, work: () => void): void {
  const path = join(dataDir, LOCK_FILE);
  let db: Database | null = null;
  try {
    db = new Database(path, { create: true, strict: true });
    db.run(`PRAGMA busy_timeout = ${LONGEST_WAIT_MS}`);
    db.run("BEGIN IMMEDIATE");
  } catch (error) {
    db?.close();
    throw explain(error, path, `lock ${path} for an export`);
  }
  try {
    work();
  } finally {
    db.run("ROLLBACK");
    db.close();
  }
}
