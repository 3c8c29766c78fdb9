import type { Cache } from "./cache.ts";

/** The id of a target, by its name (host, port, database, schema, table); -1 if it never was one. */
export function findTarget(cache: Cache, name: string): number {
  return (
    cache.db.query<{ id: number }, [string]>("SELECT id FROM targets WHERE name = ?").get(name)?.id ?? -1
  );
}

/** Every target that was ever written to, in the order it was. */
export function targetNames(cache: Cache): { readonly id: number; readonly name: string }[] {
  return cache.db.query<{ id: number; name: string }, []>("SELECT id, name FROM targets ORDER BY id").all();
}

/** The id of a target, remembered now if it is new: everything is unsynced for it. */
export async function openTarget(cache: Cache, name: string): Promise<number> {
  await cache.write(() => cache.db.query("INSERT OR IGNORE INTO targets (name) VALUES (?)").run(name));
  return findTarget(cache, name);
}

/** The name of the target that was written to last; null if there was none. */
export function lastTarget(cache: Cache): string | null {
  const targets = cache.db.query<{ name: string }, []>("SELECT name FROM targets LIMIT 2").all();
  // Which of several was the last, only a look at all that was sent can tell.
  if (targets.length < 2) return targets[0]?.name ?? null;
  return (
    cache.db
      .query<{ name: string }, []>(
        `SELECT name FROM targets LEFT JOIN deliveries ON target_id = id
         GROUP BY id ORDER BY max(synced_at_ms) DESC, id DESC LIMIT 1`,
      )
      .get()?.name ?? null
  );
}

/** Why the last sync to a target failed. */
export interface SyncFailure {
  readonly error: string;
  /** When that was, epoch ms. */
  readonly atMs: number;
}

/** Notes why the last sync to a target failed. */
export async function markFailed(cache: Cache, targetId: number, failure: SyncFailure): Promise<void> {
  await cache.write(() =>
    cache.db
      .query("UPDATE targets SET last_error = ?, last_error_ms = ? WHERE id = ?")
      .run(failure.error, failure.atMs, targetId),
  );
}

/** Why the last sync to a target failed; null if it did not, or there was none. */
export function lastFailure(cache: Cache, targetId: number): SyncFailure | null {
  return cache.db
    .query<SyncFailure, [number]>(
      `SELECT last_error AS error, last_error_ms AS atMs FROM targets WHERE id = ? AND last_error IS NOT NULL`,
    )
    .get(targetId);
}
