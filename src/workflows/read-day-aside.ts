import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Bar } from "../core/bar.ts";
import { unpackBars, VALUES_PER_BAR } from "../core/packed-bars.ts";
import { receivedError, type DayMessage, type ReaderOrder } from "./day-message.ts";
import type { DayFile, ReadSummary } from "./read-day.ts";

type OnBlock = (ticker: string, bars: Bar[]) => void;

/**
 * Reads a day's file as `readDay` does, on a thread of its own: for files of which so much is kept that parsing and
 * writing each fill a core. The reader stays a bounded number of bars ahead; it begins at once, also if `onBlock` is
 * still to come.
 * @throws BackfillError (data) if the file cannot be read as a whole; what `onBlock` throws; the reason of `signal`
 * if that is aborted.
 */
export async function readDayAside(
  file: DayFile,
  onBlock: OnBlock | Promise<OnBlock>,
  signal: AbortSignal,
): Promise<ReadSummary> {
  const taker = Promise.resolve(onBlock);
  // It may fail when nobody waits for it any more.
  taker.catch(() => {});
  signal.throwIfAborted();
  // This way over the parent folder is right in src and in the binary, whose shared parts lie in one folder.
  const worker = new Worker(new URL("../workflows/day-worker.ts", import.meta.url), { workerData: file });
  const exit = Promise.withResolvers<void>();
  worker.once("exit", () => exit.resolve());
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    return await takeAll(worker, file.path, taker, either);
  } finally {
    ended.abort();
    order(worker, "stop");
    // A thread that is cut off leaves its file open, so it ends by itself; it looks up after each chunk.
    const timer = setTimeout(exit.resolve, CLOSING_MS);
    await exit.promise;
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** How long a reader may take to close its file. */
const CLOSING_MS = 1000;

function order(worker: Worker, what: ReaderOrder): void {
  worker.postMessage(what, []);
}

/** Takes what the reader sends, until it is done or something fails; nothing is taken any more after `signal`. */
function takeAll(
  worker: Worker,
  path: string,
  onBlock: Promise<OnBlock>,
  signal: AbortSignal,
): Promise<ReadSummary> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadSummary>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  let hasSaidAll = false;
  const take = async (message: DayMessage) => {
    if (message.kind === "failed") throw receivedError(message.error);
    const takeBlock = await onBlock;
    signal.throwIfAborted();
    if (message.kind === "done") return resolve(message.summary);
    takeBlocks(message, takeBlock);
    // A reader that is always ahead leaves no turn to anything else, such as the user's Ctrl-C.
    await setImmediate();
    order(worker, "taken");
  };
  let taken = Promise.resolve();
  worker.on("message", (message: DayMessage) => {
    hasSaidAll ||= message.kind !== "blocks";
    taken = taken.then(() => take(message));
    taken.catch(reject);
  });
  worker.on("error", reject);
  // What it said last may still wait for its taker.
  worker.on("exit", (code) => {
    if (!hasSaidAll) reject(new Error(`the reader of ${path} ended with code ${code}`));
  });
  onBlock.catch(reject);
  return promise;
}

function takeBlocks(
  { tickers, counts, values }: Extract<DayMessage, { kind: "blocks" }>,
  onBlock: OnBlock,
): void {
  let at = 0;
  for (const [index, ticker] of tickers.entries()) {
    const count = counts[index] ?? 0;
    onBlock(ticker, unpackBars(values, at, count));
    at += count * VALUES_PER_BAR;
  }
}
