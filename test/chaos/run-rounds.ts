import { Draw } from "./draw.ts";
import { PHASES, type Phase } from "./moments.ts";
import type { ChaosOptions } from "./options.ts";
import { killOnce, type Round } from "./round.ts";
import type { World } from "./world.ts";

/** Evenings that one cache lives through before everything begins anew. */
const EVENINGS_OF_A_CACHE = 6;
/** Every so many kills `verify` and a run without work look at the result, too. */
const CHECK_ALL_EVERY = 5;

/**
 * Kills so many runs, in all phases in turn, and tells each. A moment that the run did not come to (nothing was left to be
 * read, say) is drawn again on the next evening.
 */
export async function runRounds(
  world: World,
  { kills, seed }: ChaosOptions,
  onRound: (round: Round, number: number) => void,
): Promise<Round[]> {
  const draw = new Draw(seed);
  const rounds: Round[] = [];
  for (let evening = 0; rounds.length < kills; evening++) {
    if (evening % EVENINGS_OF_A_CACHE === 0) await world.beginAnew();
    else world.liveOn(draw);
    const checksAll = rounds.length % CHECK_ALL_EVERY === 0;
    const round = await killOnce(world, draw, leastOf(rounds), { checksAll });
    if (round === null) continue;
    rounds.push(round);
    onRound(round, rounds.length);
  }
  return rounds;
}

/** The phase that was struck least so far, the first in the order of a run. */
function leastOf(rounds: readonly Round[]): Phase {
  const timesOf = (phase: Phase) => rounds.filter((round) => round.phase === phase).length;
  return PHASES.reduce((least, phase) => (timesOf(phase) < timesOf(least) ? phase : least));
}
