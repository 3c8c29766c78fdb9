import { parseArgs } from "node:util";

export interface ChaosOptions {
  /** How many times the program is killed. */
  readonly kills: number;
  /** What the moments, the faults and the days depend on. */
  readonly seed: number;
}

const DEFAULT_KILLS = 200;

/**
 * What the command line of the chaos run says; without a seed another one each time.
 * @throws Error for what is no such command line.
 */
export function chaosOptions(args: readonly string[], clockMs: number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { kills: { type: "string" }, seed: { type: "string" } },
  });
  return {
    kills: wholeNumber("kills", values.kills, DEFAULT_KILLS),
    seed: wholeNumber("seed", values.seed, clockMs % 1_000_000),
  };
}

function wholeNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name}=${text} is not a whole number above 0`);
}
