import { existsSync } from "node:fs";
import { join } from "node:path";
import { assertNoSecrets, secretsOf } from "./secrets.ts";

/** What a run of the compiled program left behind. */
export interface Outcome {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  /** The one JSON object that stdout has to be. */
  json(): Record<string, unknown>;
}

export interface RunOptions {
  readonly cwd: string;
  /** All that the environment holds besides PATH, HOME and TZ. */
  readonly env?: Readonly<Record<string, string>>;
  /** What starts the program, such as `setpriv` with its flags. */
  readonly starter?: readonly string[];
}

/** A run that is under way. */
export interface Running {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Resolves as soon as stderr or stdout holds `text`; rejects if the program ends before. */
  said(text: string): Promise<void>;
  /** As `said`; resolves with the line that holds it, once it is whole. */
  saidLine(text: string): Promise<string>;
  readonly ended: Promise<Outcome>;
}

const BINARY =
  process.env["MASSIVE_BACKFILL_BINARY"] ?? join(import.meta.dir, "..", "..", "dist", "massive-backfill");
/** No command of a test takes this long; one that does is ended, and its test fails. */
const LONGEST_RUN_MS = 50_000;

/** Runs the compiled program to its end; fails if it shows a secret that it was given. */
export async function run(args: readonly string[], options: RunOptions): Promise<Outcome> {
  return start(args, options).ended;
}

/** The command line of the compiled program, for those who spawn it in their own way. */
export function commandLine(args: readonly string[]): string[] {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: build it with \`bun run build\``);
  return [BINARY, ...args];
}

/** The environment of a run: clean but for what a test gives. */
export function environmentFor(options: RunOptions): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: options.cwd, TZ: "UTC", ...options.env };
}

/** Starts the compiled program. */
export function start(args: readonly string[], options: RunOptions): Running {
  const startedMs = performance.now();
  const child = Bun.spawn([...(options.starter ?? []), ...commandLine(args)], {
    cwd: options.cwd,
    env: environmentFor(options),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: LONGEST_RUN_MS,
    killSignal: "SIGKILL",
  });
  const heard = new Transcript();
  const streams = Promise.all([heard.listen(child.stdout), heard.listen(child.stderr)]);
  const finish = async (): Promise<Outcome> => {
    const [stdout, stderr] = await streams;
    await child.exited;
    heard.end();
    assertNoSecrets(secretsOf(args, options), { stdout, stderr }, options.cwd);
    return {
      code: child.signalCode === null ? child.exitCode : null,
      stdout,
      stderr,
      durationMs: performance.now() - startedMs,
      json: () => jsonObject(stdout, stderr),
    };
  };
  return {
    pid: child.pid,
    signal: (signal) => child.kill(signal),
    said: (text) => heard.said(text),
    saidLine: (text) => heard.saidLine(text),
    ended: finish(),
  };
}

/** What both streams said so far, and who waits for more. */
class Transcript {
  #text = "";
  #ended = false;
  readonly #waiting = new Set<() => void>();

  /** The whole text of a stream, once it has ended. */
  async listen(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    let own = "";
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      own += text;
      this.#text += text;
      this.#wake();
    }
    return own;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async said(text: string): Promise<void> {
    while (!this.#text.includes(text)) {
      if (this.#ended) throw new Error(`it ended without saying "${text}", but:\n${this.#text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async saidLine(text: string): Promise<string> {
    await this.said(text);
    for (;;) {
      const rest = this.#text.slice(this.#text.indexOf(text));
      if (rest.includes("\n")) return rest.slice(0, rest.indexOf("\n"));
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function jsonObject(stdout: string, stderr: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stdout);
    if (isObject(value)) return value;
  } catch {
    // Said below, with all that there is to see.
  }
  throw new Error(`stdout is not one JSON object:\n${stdout}\nstderr:\n${stderr}`);
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Fails, with all that was said, unless the run ended with `code`. */
export function expectExit(outcome: Outcome, code: number): void {
  if (outcome.code === code) return;
  throw new Error(
    `exit code ${outcome.code} instead of ${code}\nstdout:\n${outcome.stdout}\nstderr:\n${outcome.stderr}`,
  );
}
