import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Bench } from "./case.ts";
import type { DayFile } from "./day-files.ts";
import { peakMemoryBytes, timed } from "./process.ts";
import { workDir } from "./work-dir.ts";

/** The name of our own series in every case. */
export const OURS = "massive-backfill";

/**
 * Seconds of `parse --file` into an empty data directory, whole process.
 * @throws Error unless the cache then holds every minute of the symbols: all of them if they are `["*"]`.
 */
export async function parseSeconds(bench: Bench, day: DayFile, symbols: readonly string[]): Promise<number> {
  return parsing(bench, day, symbols, async (command) => (await timed(command)).seconds);
}

/** The same, for the memory it takes at most. */
export async function parsePeakBytes(
  bench: Bench,
  day: DayFile,
  symbols: readonly string[],
): Promise<number> {
  return parsing(bench, day, symbols, peakMemoryBytes);
}

async function parsing(
  bench: Bench,
  day: DayFile,
  symbols: readonly string[],
  run: (command: readonly string[]) => Promise<number>,
): Promise<number> {
  using dir = workDir(bench.workFolder);
  const figure = await run([
    bench.binary,
    "parse",
    `--file=${day.path}`,
    "--dataset=indices",
    `--symbols=${symbols.join(",")}`,
    `--data-dir=${dir.path}`,
    "--quiet",
  ]);
  const perTicker = day.rows / bench.scale.tickers;
  expectBars(dir.path, symbols[0] === "*" ? day.rows : symbols.length * perTicker);
  return figure;
}

/** @throws Error unless the cache of `dataDir` holds just so many bars: nothing is quick that did not do its work. */
export function expectBars(dataDir: string, expected: number): void {
  using db = new Database(join(dataDir, "massive.sqlite"), { readonly: true });
  const bars = db.query<{ bars: number }, []>("SELECT count(*) AS bars FROM bars").get()?.bars;
  if (bars !== expected) throw new Error(`the cache holds ${bars} bars instead of ${expected}`);
}

/** Flags that ask for the days of `days`. */
export function rangeOfDays(days: readonly DayFile[]): string[] {
  return [`--from=${days[0]?.date}`, `--to=${days.at(-1)?.date}`];
}

/** Bytes of the files of `days`. */
export function bytesOf(days: readonly DayFile[]): number {
  return days.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
