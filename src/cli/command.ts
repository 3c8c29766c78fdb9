import type { ArgsDef } from "citty";
import type { FlagValues } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** What a command works with besides its flags. */
export interface Io {
  readonly terminal: Terminal;
  /** Aborted when the user stops the program. */
  readonly signal: AbortSignal;
  /** The clock, epoch ms. */
  readonly clockMs: number;
}

/** A word that a command takes without a flag. */
export interface Operand {
  readonly name: string;
  /** The words that it may be; null for any. */
  readonly values: readonly string[] | null;
  /** An example, where it may be any word. */
  readonly example?: string;
}

/** A command: what it is called, the flags it takes, and the one workflow it calls. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly flags: ArgsDef;
  readonly operand?: Operand;
  readonly examples: readonly string[];
  /** Runs the command; returns the exit code. */
  run(flags: FlagValues, io: Io): Promise<number>;
}
