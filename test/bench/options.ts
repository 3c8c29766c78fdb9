import { parseArgs } from "node:util";

/** What the command line of the bench asks for. */
export interface BenchOptions {
  /** Names of cases; all if there are none. */
  readonly names: readonly string[];
  readonly runs: number;
  /** A file for the results of this run. */
  readonly json: string | null;
  /** Whether the results become those that the repository keeps. */
  readonly save: boolean;
  /** Tiny files and one run, to see that the bench itself works. */
  readonly smoke: boolean;
}

const DEFAULT_RUNS = 5;
const MOST_RUNS = 100;

/**
 * Reads the arguments of `bun run bench`.
 * @throws Error for what it does not know, for a number of runs that is none, and for saving a part.
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: "string" },
      json: { type: "string" },
      save: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
    },
  });
  const { json = null, save, smoke } = values;
  const runs = Number(values.runs ?? (smoke ? 1 : DEFAULT_RUNS));
  if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS)
    throw new Error(`--runs=${values.runs} is no number of runs from 1 to ${MOST_RUNS}`);
  if (save && (smoke || positionals.length > 0))
    throw new Error("--save keeps the results of all cases at full size: leave out names and --smoke");
  return { names: positionals, runs, json, save, smoke };
}

/** The command that measures the same again; where its results went does not matter to them. */
export function commandOf({ names, runs, smoke }: BenchOptions): string {
  const size = smoke ? ["--smoke"] : runs === DEFAULT_RUNS ? [] : [`--runs=${runs}`];
  return ["bun run bench", ...names, ...size].join(" ");
}
