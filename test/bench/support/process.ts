import { watchMemory } from "../../support/memory-watch.ts";

const LONGEST_RUN_MS = 300_000;

/** What a process did. */
export interface Finished {
  /** From before its start until after its end. */
  readonly seconds: number;
  readonly stdout: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A file as stdin. */
  readonly stdin?: string;
  /** Throws stdout away instead of keeping it, for who writes a lot. */
  readonly dropOutput?: boolean;
}

/**
 * Runs a process to its end and takes the time. Its environment has PATH, HOME and TZ and what is given.
 * @throws Error, with what it said, if it fails or takes more than five minutes.
 */
export async function timed(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const startedMs = performance.now();
  const child = spawn(command, options);
  await child.exited;
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, stdout: await outputOf(command, child) };
}

/**
 * Runs a process to its end and returns the most memory it was seen to hold.
 * @throws Error as `timed`.
 */
export async function peakMemoryBytes(command: readonly string[], options: RunOptions = {}): Promise<number> {
  const child = spawn(command, options);
  const memory = watchMemory(child.pid);
  await child.exited;
  const peakBytes = memory.peakBytes();
  await outputOf(command, child);
  return peakBytes;
}

function spawn(command: readonly string[], { env, cwd, stdin, dropOutput }: RunOptions) {
  const base = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC" };
  return Bun.spawn([...command], {
    env: { ...base, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdin: stdin === undefined ? "ignore" : Bun.file(stdin),
    stdout: dropOutput === true ? "ignore" : "pipe",
    stderr: "pipe",
    timeout: LONGEST_RUN_MS,
    killSignal: "SIGKILL",
  });
}

async function outputOf(command: readonly string[], child: ReturnType<typeof spawn>): Promise<string> {
  const stdout = child.stdout === undefined ? "" : await child.stdout.text();
  if (child.exitCode === 0) return stdout;
  const ending = child.signalCode ?? `exit code ${child.exitCode}`;
  throw new Error(`${command.join(" ")}\nended with ${ending}\n${stdout}${await child.stderr.text()}`);
}
