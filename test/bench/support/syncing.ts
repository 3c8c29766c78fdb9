import { isObject } from "../../support/binary.ts";
import { MODEL, type BarsServer } from "./bars-server.ts";
import type { Bench } from "./case.ts";
import { peakMemoryBytes, timed } from "./process.ts";
import { copyCache, type SyncCache } from "./sync-cache.ts";
import { workDir } from "./work-dir.ts";

/** What a sync says that it did. */
export interface Synced {
  /** Whole process. */
  readonly seconds: number;
  readonly bars: number;
  readonly inserted: number;
  readonly updated: number;
  readonly pending: number;
}

/** Syncs the cache of `dataDir` and takes the time. */
export async function syncDir(
  bench: Bench,
  server: BarsServer,
  dataDir: string,
  flags: readonly string[] = [],
): Promise<Synced> {
  const { seconds, stdout } = await timed(command(bench, dataDir, flags), environment(server, dataDir));
  return { seconds, ...countsIn(stdout) };
}

/** Syncs a copy of `cache` that knows of no sync before. */
export async function syncCopy(
  bench: Bench,
  server: BarsServer,
  cache: SyncCache,
  flags: readonly string[] = [],
): Promise<Synced> {
  using dir = workDir(bench.workFolder);
  copyCache(cache, dir.path);
  return await syncDir(bench, server, dir.path, flags);
}

/** The most memory that a sync of such a copy takes. */
export async function syncPeakBytes(bench: Bench, server: BarsServer, cache: SyncCache): Promise<number> {
  using dir = workDir(bench.workFolder);
  copyCache(cache, dir.path);
  return await peakMemoryBytes(command(bench, dir.path, []), environment(server, dir.path));
}

/** Lets the program make the table that others are made of, and fill it. */
export async function makeModel(bench: Bench, server: BarsServer, cache: SyncCache): Promise<void> {
  await syncCopy(bench, server, cache, [`--table=${MODEL}`]);
  await server.expectBars(cache, MODEL);
}

/** @throws Error unless the sync did what the case is about. */
export function expectSynced(did: Synced, expected: Partial<Synced>): void {
  const { seconds, ...counts } = did;
  if (!Bun.deepEquals({ ...did, ...expected }, did))
    throw new Error(
      `sync did ${JSON.stringify(counts)} in ${seconds} s instead of ${JSON.stringify(expected)}`,
    );
}

function command(bench: Bench, dataDir: string, flags: readonly string[]): string[] {
  return [bench.binary, "sync", `--data-dir=${dataDir}`, "--json", "--quiet", ...flags];
}

function environment(server: BarsServer, cwd: string) {
  return { cwd, env: { DATABASE_URL: server.url } };
}

function countsIn(stdout: string): Omit<Synced, "seconds"> {
  const answer: unknown = JSON.parse(stdout);
  if (isObject(answer) && isObject(answer["sync"])) {
    const { bars, inserted, updated, pending } = answer["sync"];
    if (
      typeof bars === "number" &&
      typeof inserted === "number" &&
      typeof updated === "number" &&
      typeof pending === "number"
    )
      return { bars, inserted, updated, pending };
  }
  throw new Error(`sync answered ${stdout}`);
}
