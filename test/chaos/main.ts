// `bun run chaos`: kills the compiled program at many moments of its main job, over a vendor that fails and a real Postgres,
// lets the next run finish and compares cache and database with the truth. The table goes to stdout.
import { cpus } from "node:os";
import { chaosOptions } from "./options.ts";
import { runRounds } from "./run-rounds.ts";
import { chaosTable } from "./table.ts";
import { startWorld } from "./world.ts";

const options = optionsOrEnd();
const startedMs = performance.now();
console.error(`${options.kills} kills, seed ${options.seed}`);
const world = await startWorld();
let isFine = false;
try {
  const rounds = await runRounds(world, options, ({ phase, nextRunMs, faults }, number) => {
    const verdict = faults.length === 0 ? "fine" : `NOT FINE\n${faults.join("\n")}`;
    console.error(
      `${number}/${options.kills} ${phase}: next run ${(nextRunMs / 1000).toFixed(1)} s, ${verdict}`,
    );
  });
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(chaosTable(rounds));
  console.log(
    `${options.kills} kills with seed ${options.seed} in ${minutes} min: ${cpus().length} cores, ${process.platform}-${process.arch}.`,
  );
  isFine = rounds.every(({ faults }) => faults.length === 0);
} finally {
  await world[Symbol.asyncDispose]();
}
// What ends the database at the end of the program would make any exit code a 0.
process.exit(isFine ? 0 : 1);

/** What the flags say; a mistyped one ends the program in words. */
function optionsOrEnd(): ReturnType<typeof chaosOptions> {
  try {
    return chaosOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    console.error(`chaos: ${error instanceof Error ? error.message : String(error)}`);
    return process.exit(2);
  }
}
