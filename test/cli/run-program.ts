import { runProgram } from "../../src/cli/program.ts";
import { collectedIo } from "./collected-terminal.ts";

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly written: string;
  readonly messages: readonly string[];
}

/** Runs a command line in the present working directory. */
export async function run(...argv: readonly string[]): Promise<Ran> {
  return runStopped(new AbortController().signal, ...argv);
}

/** Runs a command line that is stopped by `signal`. */
export async function runStopped(signal: AbortSignal, ...argv: readonly string[]): Promise<Ran> {
  const io = collectedIo(signal);
  const code = await runProgram(argv, io);
  return { code, written: io.terminal.written(), messages: io.terminal.messages };
}
