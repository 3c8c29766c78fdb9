import type { Bench } from "./case.ts";
import type { Series, Unit } from "./results.ts";
import { median } from "./statistics.ts";

/** One run of something that is measured: its figures by name. */
export type Contestant = () => Promise<Readonly<Record<string, number>>>;

export interface Rounds {
  readonly unit: Unit;
  readonly runs: number;
  /** One round before those that count: files in the memory of the system, programs loaded. */
  readonly warmUp: boolean;
}

/**
 * Runs the contestants one after the other, round after round (A, B, A, B, …): what else the machine does then
 * troubles all of them alike.
 */
export async function alternate(
  bench: Pick<Bench, "say">,
  contestants: readonly Contestant[],
  { unit, runs, warmUp }: Rounds,
): Promise<SeriesByName> {
  const samples = new Map<string, number[]>();
  for (let round = warmUp ? 0 : 1; round <= runs; round++) {
    bench.say(round === 0 ? "warm-up" : `run ${round} of ${runs}`);
    for (const run of contestants) {
      for (const [name, figure] of Object.entries(await run())) {
        if (round > 0) samples.set(name, [...(samples.get(name) ?? []), figure]);
      }
    }
  }
  return new SeriesByName([...samples].map(([name, own]) => series(name, unit, own)));
}

/** The series of `samples`. */
export function series(name: string, unit: Unit, samples: readonly number[]): Series {
  return { name, unit, median: median(samples), samples };
}

/** What `alternate` has measured. */
export class SeriesByName {
  readonly all: readonly Series[];

  constructor(all: readonly Series[]) {
    this.all = all;
  }

  /** @throws Error for a name that nobody has measured. */
  median(name: string): number {
    const found = this.all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`nothing was measured as "${name}"`);
    return found.median;
  }

  /** Median of `name` divided by the median of `peer`. */
  ratio(name: string, peer: string): number {
    return this.median(name) / this.median(peer);
  }
}
