import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Server } from "../server/start.ts";
import { bytesOf, rangeOfDays } from "./backfill.ts";
import type { Bench } from "./case.ts";
import type { DayFile } from "./day-files.ts";
import { timed } from "./process.ts";
import { workDir } from "./work-dir.ts";

export const DEFAULT_CONNECTIONS = 16;

/** Whether the program can be told how many connections to use. */
export async function knowsConnections(bench: Bench): Promise<boolean> {
  const { stdout } = await timed([bench.binary, "download", "--help"]);
  return stdout.includes("--connections");
}

/**
 * Seconds of `download` of `days` into an empty data directory, whole process.
 * @throws Error unless all files are there then.
 */
export async function downloadSeconds(
  bench: Bench,
  server: Server,
  days: readonly DayFile[],
  connections: number,
): Promise<number> {
  using dir = workDir(bench.workFolder);
  const command = [bench.binary, "download", "--dataset=indices", ...rangeOfDays(days), "--quiet"];
  const { seconds } = await timed([...command, `--data-dir=${dir.path}`, ...connectionFlag(connections)], {
    env: server.env,
    cwd: dir.path,
  });
  expectBytes(join(dir.path, "flat-files", "indices"), days);
  return seconds;
}

/** The default is not said: a program that does not know the flag has it too. */
export function connectionFlag(connections: number): string[] {
  return connections === DEFAULT_CONNECTIONS ? [] : [`--connections=${connections}`];
}

/** @throws Error unless `folder` holds the files of `days`, by their size, and nothing else. */
export function expectBytes(folder: string, days: readonly DayFile[]): void {
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length !== days.length || total !== bytesOf(days))
    throw new Error(
      `${sizes.length} files of ${total} bytes came instead of ${days.length} of ${bytesOf(days)}`,
    );
}
