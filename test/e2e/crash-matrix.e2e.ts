import { expect, setDefaultTimeout, test } from "bun:test";
import { PHASES } from "../chaos/moments.ts";
import { runRounds } from "../chaos/run-rounds.ts";
import { startWorld } from "../chaos/world.ts";

setDefaultTimeout(300_000);

const KILLS = 20;

test("hybrid, killed in every phase over a vendor that fails, is completed by the next run, bar by bar", async () => {
  await using world = await startWorld();
  const rounds = await runRounds(world, { kills: KILLS, seed: 7 }, () => {});
  expect(new Set(rounds.map(({ phase }) => phase))).toEqual(new Set(PHASES));
  expect(rounds.flatMap(({ phase, faults }) => faults.map((fault) => `${phase}: ${fault}`))).toEqual([]);
  expect(rounds.filter((round) => round.finished && round.cacheIsTrue && round.postgresIsTrue)).toHaveLength(
    KILLS,
  );
});
