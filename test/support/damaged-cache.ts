import { Database } from "bun:sqlite";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Overwrites the last page of bars in the cache of a data directory that nobody has open. */
export function damageLastBars(dataDir: string): void {
  const path = join(dataDir, "massive.sqlite");
  const { page, size } = lastPageOfBars(path);
  const file = openSync(path, "r+");
  try {
    writeSync(file, new Uint8Array(size).fill(0xff), 0, size, (page - 1) * size);
  } finally {
    closeSync(file);
  }
}

function lastPageOfBars(path: string): { readonly page: number; readonly size: number } {
  using db = new Database(path, { strict: true });
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const row = db
    .query<{ page: number; size: number }, []>(
      `SELECT pageno AS page, pgsize AS size FROM dbstat WHERE name = 'bars' AND pagetype = 'leaf'
       ORDER BY path DESC LIMIT 1`,
    )
    .get();
  if (row === null) throw new Error(`${path} has no page of bars`);
  return row;
}
