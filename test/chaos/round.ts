import { run, start, type Outcome } from "../support/binary.ts";
import { filesOf } from "../support/folder.ts";
import { checkWorld } from "./checks.ts";
import type { Draw } from "./draw.ts";
import { addFaults } from "./faults.ts";
import { WATCHES, type Phase } from "./moments.ts";
import type { World } from "./world.ts";

/** One kill and what came of it. */
export interface Round {
  readonly phase: Phase;
  /** How long the killed run lasted, and the next one. */
  readonly killedAfterMs: number;
  readonly nextRunMs: number;
  /** How long the run went on after the signal. */
  readonly dyingMs: number;
  readonly finished: boolean;
  readonly cacheIsTrue: boolean;
  readonly postgresIsTrue: boolean;
  /** Files that a download had begun and not finished when the run was killed. */
  readonly partsLeft: number;
  /** What was wrong, in words; empty if nothing was. */
  readonly faults: readonly string[];
}

const FLAGS: readonly [readonly string[], ...(readonly string[])[]] = [
  [],
  [],
  ["--no-keep"],
  ["--connections=1"],
  ["--connections=4", "--recheck-days=10"],
];

export interface RoundOptions {
  /** Whether `verify` and a run without work look at the result, too. */
  readonly checksAll?: boolean;
  readonly signal?: "SIGKILL" | "SIGINT" | "SIGTERM";
}

/** How a run ends that was asked to stop. */
const INTERRUPTED = 130;

/** A moment that has not come by then will not: the vendor has fallen silent, say. */
const LONGEST_WAIT_MS = 3000;

/** The link of a run that is to be killed in the middle: slow enough that there is a middle. */
const SLOW_BYTES_PER_SECOND = 600_000;

/**
 * Kills a run of the evening's command in the given phase, lets the next one go to its end, and compares cache and
 * database with the truth. Null if the moment did not come.
 */
export async function killOnce(
  world: World,
  draw: Draw,
  phase: Phase,
  { checksAll = false, signal = "SIGKILL" }: RoundOptions = {},
): Promise<Round | null> {
  const command = [...world.command, ...draw.oneOf(FLAGS)];
  const options = { cwd: world.cwd, env: world.env };
  addFaults(world.sandbox, draw, true);
  world.sandbox.faults.bytesPerSecond = SLOW_BYTES_PER_SECOND;
  world.sandbox.clearRequests();
  const ended = new AbortController();
  const running = start([...command, "--quiet"], options);
  const outcome = running.ended.finally(() => ended.abort());
  const moment = WATCHES[phase](world, draw, ended.signal).then(() => true);
  const tooLate = setTimeout(() => running.signal("SIGKILL"), LONGEST_WAIT_MS);
  const hasCome = await Promise.race([moment, outcome.then(() => false)]);
  clearTimeout(tooLate);
  const struckMs = performance.now();
  running.signal(signal);
  const killed = await outcome;
  world.proxy.repair();
  world.proxy.forget();
  const dyingMs = performance.now() - struckMs;
  const isStruck = killed.code === (signal === "SIGKILL" ? null : INTERRUPTED);
  if (!hasCome || !isStruck) return null;

  const partsLeft = Object.keys(filesOf(world.dataDir)).filter((name) => name.endsWith(".part")).length;
  addFaults(world.sandbox, draw, false);
  const next = await run([...command, "--json"], options);
  const found = await checkWorld(world, next, checksAll);
  const faults = [...found.cache, ...found.postgres, ...found.others];
  return {
    phase,
    killedAfterMs: killed.durationMs,
    dyingMs,
    nextRunMs: next.durationMs,
    finished: next.code === 0,
    cacheIsTrue: found.cache.length === 0,
    postgresIsTrue: found.postgres.length === 0,
    partsLeft,
    faults:
      faults.length === 0
        ? []
        : [...faults, ...wordsOf("the killed run", killed), ...wordsOf("the next run", next)],
  };
}

function wordsOf(whose: string, { code, stdout, stderr }: Outcome): string[] {
  return [`${whose} ended with ${code ?? "SIGKILL"}`, `its stdout: ${stdout}`, `its stderr: ${stderr}`];
}
