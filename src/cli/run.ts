import { openCache } from "../cache/cache.ts";
import { takeLock } from "../cache/lock.ts";
import { newYorkDate } from "../core/dates.ts";
import { resolveSettings, type Settings } from "../core/settings.ts";
import { silentProgress } from "../core/progress.ts";
import { followAnnouncedDays } from "../workflows/calendar/announced.ts";
import { planningMs, type RunContext } from "../workflows/context.ts";
import { todayFlag, type FlagValues } from "./flags.ts";
import { plainProgress, type ProgressDisplay } from "./plain-progress.ts";
import type { Io } from "./command.ts";
import { exposedSettingsFiles, settingSources } from "./settings-sources.ts";
import { refuseSyntheticFolder } from "./synthetic.ts";
import { terminalProgress } from "./terminal-progress.ts";

/** The version of every JSON form that this program prints. */
export const SCHEMA_VERSION = 1;

/** Settings and the planning moment of a command line. */
export interface Invocation {
  readonly settings: Settings;
  readonly nowMs: number;
  /** The date in New York at that moment. */
  readonly today: string;
}

/** Works out what the flags, the environment and the settings files say. */
export function readInvocation(flags: FlagValues, io: Io): Invocation {
  const nowMs = planningMs(todayFlag(flags, io.clockMs), io.clockMs);
  const sources = settingSources(flags);
  for (const name of exposedSettingsFiles(sources))
    io.terminal.words.warn(
      `${name} holds keys or passwords, and every user of this machine can read it. Mend it with: chmod 600 ${name}`,
    );
  return { settings: resolveSettings(sources), nowMs, today: newYorkDate(nowMs) };
}

/** Commands that bring no real bars, and so may work in the demo's folder. */
const WORK_ON_ANY_BARS: ReadonlySet<string> = new Set(["demo", "sync", "verify", "prune", "aggregate"]);

/**
 * Runs a workflow that writes: takes the lock of the data directory, opens the cache, shows progress, and puts
 * everything back whatever happens.
 */
export async function withRun<T>(
  command: string,
  flags: FlagValues,
  io: Io,
  { settings, nowMs }: Pick<Invocation, "settings" | "nowMs">,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  if (!WORK_ON_ANY_BARS.has(command)) refuseSyntheticFolder(settings.dataDir, command);
  const lock = takeLock(settings.dataDir, command);
  try {
    return await withReading(flags, io, { settings, nowMs }, work);
  } finally {
    lock.release();
  }
}

/** Runs a workflow that only looks: beside any run, without the lock. Shows progress, and closes the cache. */
export async function withReading<T>(
  flags: FlagValues,
  io: Io,
  { settings, nowMs }: Pick<Invocation, "settings" | "nowMs">,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  const cache = openCache(settings.dataDir);
  followAnnouncedDays(cache);
  const progress = progressDisplay(flags, io);
  try {
    return await work({ settings, cache, progress, signal: io.signal, nowMs });
  } finally {
    progress.close();
    cache.close();
  }
}

/** Prints a result: as one JSON object with --json, else as text. */
export function printResult(
  flags: FlagValues,
  io: Io,
  json: object | (() => object),
  text: () => string,
): void {
  if (flags["json"] === true) {
    const parts = typeof json === "function" ? json() : json;
    io.terminal.out(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...parts }, null, 2)}\n`);
  } else io.terminal.out(text());
}

function progressDisplay(flags: FlagValues, { terminal }: Io): ProgressDisplay {
  terminal.words.level = flags["verbose"] === true ? 4 : 3;
  if (flags["quiet"] === true)
    return { ...silentProgress, warn: (message) => terminal.words.warn(message), close() {} };
  return terminal.interactive ? terminalProgress(terminal) : plainProgress(terminal);
}
