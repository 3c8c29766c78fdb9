import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Draw } from "../chaos/draw.ts";
import { PHASES } from "../chaos/moments.ts";
import { killOnce, type Round } from "../chaos/round.ts";
import { startWorld, type World } from "../chaos/world.ts";

setDefaultTimeout(120_000);

/** Whoever asks a program to stop does not want to wait; on a busy machine everything takes longer. */
const SOON_MS = 4000;
const MOST_TRIES = 8;
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  const draw = new Draw(signal.length);

  test.each([...PHASES])(
    "while %s ends the run soon with 130; the next one completes, bar by bar",
    async (phase) => {
      let round: Round | null = null;
      // A moment that does not come, since the run is over before, is drawn again.
      for (let tries = 0; round === null && tries < MOST_TRIES; tries++) {
        await world.beginAnew();
        round = await killOnce(world, draw, phase, { signal });
      }
      expect(round?.faults).toEqual([]);
      expect(round).toMatchObject({ phase, finished: true, cacheIsTrue: true, postgresIsTrue: true });
      expect(round?.dyingMs).toBeLessThan(SOON_MS);
    },
  );
});
