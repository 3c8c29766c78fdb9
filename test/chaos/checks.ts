import { takeLock } from "../../src/cache/lock.ts";
import { errorText } from "../../src/core/errors.ts";
import { differences } from "../support/bar-lines.ts";
import { run, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { storedBars } from "../support/postgres-bars.ts";
import { outboxOf } from "../support/revised-days.ts";
import { coarserLines } from "./coarser.ts";
import type { World } from "./world.ts";

/** What is not as it should be after the run that followed a kill, in words. */
export interface Found {
  readonly cache: readonly string[];
  readonly postgres: readonly string[];
  readonly others: readonly string[];
}

/** Looks at everything that a run leaves behind; with `checksAll` by `verify` and a run that has nothing to do, too. */
export async function checkWorld(world: World, next: Outcome, checksAll: boolean): Promise<Found> {
  // The truth is partly asked of the look-alike's API, which must not fail here.
  world.sandbox.faults.clear();
  const minutes = await world.truth();
  const truth = [...minutes, ...coarserLines(minutes)].toSorted((a, b) => (a < b ? -1 : 1));
  const others: string[] = [];
  if (next.code !== 0) others.push(`the next run ended with exit code ${next.code}`);
  const outbox = outboxOf(world.dataDir, world.env["DATABASE_URL"] ?? "");
  if (outbox.batches > 0) others.push(`${outbox.batches} batches are unsynced`);
  const unfinished = Object.keys(filesOf(world.dataDir)).filter((name) => name.includes(".part"));
  if (unfinished.length > 0) others.push(`left behind: ${unfinished.join(", ")}`);
  others.push(...lockFaults(world.dataDir));
  if (checksAll) others.push(...(await verifyFaults(world)), ...(await idleRunFaults(world)));
  return {
    cache: differences(cachedBars(world.dataDir), truth).map((line) => `cache: ${line}`),
    postgres: differences(await storedBars(world.databaseUrl), truth).map((line) => `Postgres: ${line}`),
    others,
  };
}

function lockFaults(dataDir: string): string[] {
  try {
    takeLock(dataDir, "chaos").release();
    return [];
  } catch (error) {
    return [`the lock is held: ${errorText(error)}`];
  }
}

async function verifyFaults(world: World): Promise<string[]> {
  const outcome = await run(["verify", "--cache", "--files", "--target"], { cwd: world.cwd, env: world.env });
  return outcome.code === 0 ? [] : [`verify ended with ${outcome.code}: ${outcome.stdout}${outcome.stderr}`];
}

/** A run on the same evening has nothing left to do, but to look whether the day has got more bars at the API. */
async function idleRunFaults(world: World): Promise<string[]> {
  world.sandbox.clearRequests();
  const outcome = await run([...world.command, "--json"], { cwd: world.cwd, env: world.env });
  // A single byte is a question about the plan.
  const fetched = world.sandbox.requests.filter(
    ({ path, range }) => path.endsWith(".gz") && range !== "bytes=0-0",
  );
  const { sync } = outcome.json();
  const isIdle = outcome.code === 0 && JSON.stringify(sync).includes('"batches":0');
  return [
    ...fetched.map(({ path }) => `fetched again although it was there: ${path}`),
    ...(isIdle ? [] : [`a further run was not idle: exit code ${outcome.code}, ${JSON.stringify(sync)}`]),
  ];
}
