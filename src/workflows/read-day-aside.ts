import { Worker } from "node:worker_threads";
import type { Bar } from "../core/bar.ts";
import { unpackBars, VALUES_PER_BAR } from "../core/packed-bars.ts";
import { receivedError, type DayMessage } from "./day-message.ts";
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
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    return await takeAll(worker, file.path, taker, either);
  } finally {
    ended.abort();
    await worker.terminate();
  }
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
  const take = async (message: DayMessage) => {
    if (message.kind === "failed") throw receivedError(message.error);
    // Always the same promise, so messages are taken in their order.
    const takeBlock = await onBlock;
    signal.throwIfAborted();
    if (message.kind === "done") return resolve(message.summary);
    takeBlocks(message, takeBlock);
    worker.postMessage("taken", []);
  };
  worker.on("message", (message: DayMessage) => void take(message).catch(reject));
  worker.on("error", reject);
  worker.on("exit", (code) => reject(new Error(`the reader of ${path} ended with code ${code}`)));
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
