import { SQLiteError } from "bun:sqlite";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { openCacheFile } from "../support/cache-contents.ts";
import { COMMIT } from "../support/sync-moments.ts";
import type { Moment } from "../support/strike-proxy.ts";
import type { Draw } from "./draw.ts";
import type { World } from "./world.ts";

/** What a run is doing when it is killed, in the order of a run. */
export const PHASES = [
  "starting",
  "listing",
  "asking for ranges",
  "downloading",
  "renaming a file",
  "reading a file",
  "committing to the cache",
  "asking the API",
  "reading a page of the API",
  "making coarser bars",
  "COPY",
  "committing to Postgres",
  "marking as synced",
  "any moment",
] as const;

export type Phase = (typeof PHASES)[number];

/** Waits for the moment to kill; rejects nothing, and never resolves if the run ends before. */
export type Watch = (world: World, draw: Draw, signal: AbortSignal) => Promise<void>;

const NONE_MADE = JSON.stringify({ made: 0, revisions: 0, read: 0 });
/** A run of no more than so long has some part of every moment in it. */
const LONGEST_WAIT_MS = 900;

export const WATCHES: Readonly<Record<Phase, Watch>> = {
  starting: (_, draw, signal) => pause(draw.below(60), signal),
  listing: (world, draw, signal) => atRequest(world, /list-type=2/, draw.below(3), signal),
  "asking for ranges": (world, draw, signal) => atRequest(world, /\.csv\.gz/, draw.below(12), signal),
  downloading: async (world, draw, signal) => {
    await atRequest(world, /\.csv\.gz/, draw.below(12), signal);
    await pause(draw.below(40), signal);
  },
  "renaming a file": (world, draw, signal) => atFile(world, draw.below(6), signal),
  "reading a file": async (world, draw, signal) => {
    await atFile(world, draw.below(6), signal);
    await pause(1 + draw.below(15), signal);
  },
  "committing to the cache": (world, draw, signal) => atCacheWrite(world, 1 + draw.below(12), signal),
  "asking the API": (world, draw, signal) => atRequest(world, /^\/v2\/aggs/, draw.below(3), signal),
  "reading a page of the API": async (world, draw, signal) => {
    await atAnswer(world, /^\/v2\/aggs/, draw.below(3), signal);
    await pause(draw.below(12), signal);
  },
  "making coarser bars": async ({ dataDir }, draw, signal) => {
    await atCoarserBars(dataDir, signal);
    await pause(draw.below(20), signal);
  },
  COPY: (world, draw) =>
    inTheTalk(world, {
      lost: draw.oneOf(["sent", "answered"]),
      text: "COPY ",
      afterBytes: draw.below(60_000),
    }),
  "committing to Postgres": (world, draw) =>
    inTheTalk(world, { ...COMMIT, nth: 1 + draw.below(2), lost: draw.oneOf(["sent", "answered"]) }),
  "marking as synced": async (world, draw, signal) => {
    await inTheTalk(world, { ...COMMIT, nth: 1 + draw.below(2), lost: "answered" });
    await pause(1 + draw.below(8), signal);
  },
  "any moment": (_, draw, signal) => pause(draw.below(LONGEST_WAIT_MS), signal),
};

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + ms;
  await until(() => performance.now() >= endMs, signal);
}

/** When the look-alike gets the request number `skip` + 1 of that kind. */
async function atRequest({ sandbox }: World, kind: RegExp, skip: number, signal: AbortSignal): Promise<void> {
  await until(() => requestsOf(sandbox, kind).length > skip, signal);
}

/** When it has answered one. */
async function atAnswer({ sandbox }: World, kind: RegExp, skip: number, signal: AbortSignal): Promise<void> {
  await until(() => requestsOf(sandbox, kind).filter(({ status }) => status > 0).length > skip, signal);
}

function requestsOf(sandbox: Sandbox, kind: RegExp): Sandbox["requests"] {
  return sandbox.requests.filter(({ path, query }) => kind.test(`${path}?${query}`));
}

/** When so many more flat files are in their place than when the run began, and one. */
async function atFile({ dataDir }: World, skip: number, signal: AbortSignal): Promise<void> {
  const before = finishedFiles(dataDir);
  await until(() => finishedFiles(dataDir) > before + skip, signal);
}

function finishedFiles(dataDir: string): number {
  return ["indices", "stocks"]
    .map((dataset) => join(dataDir, "flat-files", dataset))
    .filter(existsSync)
    .reduce((sum, folder) => sum + readdirSync(folder).filter((name) => name.endsWith(".gz")).length, 0);
}

/** When SQLite's log has grown so many times. */
async function atCacheWrite({ dataDir }: World, times: number, signal: AbortSignal): Promise<void> {
  const log = join(dataDir, "massive.sqlite-wal");
  const size = () => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  for (let time = 0; time < times && !signal.aborted; time++) {
    const before = size();
    await until(() => size() > before, signal);
  }
}

/** When a day's coarser bars have been made, for the first time or again. */
async function atCoarserBars(dataDir: string, signal: AbortSignal): Promise<void> {
  const before = coarserMark(dataDir);
  await until(() => coarserMark(dataDir) !== before, signal);
}

/** What changes with every day of coarser bars that is made; the same while there is no cache. */
function coarserMark(dataDir: string): string {
  try {
    using db = openCacheFile(dataDir);
    const row = db
      .query(
        "SELECT count(*) AS made, total(minutes_revision) AS revisions, total(minutes_read_at_ms) AS read FROM derivations",
      )
      .get();
    return JSON.stringify(row) === NONE_MADE ? "" : JSON.stringify(row);
  } catch (error) {
    if (error instanceof SQLiteError) return "";
    throw error;
  }
}

/** When a message to Postgres has come or was answered; one that is lost on its way never reaches the server. */
function inTheTalk({ proxy }: World, moment: Moment): Promise<void> {
  return proxy.strikeAt(moment, (connection) => {
    if (moment.lost === "sent") connection.cut();
  });
}

async function until(isReached: () => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !isReached()) await Bun.sleep(1);
}
