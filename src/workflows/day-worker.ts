// The reader of a whole day: a thread of its own that unpacks and parses a file while the main one writes its bars.
import { parentPort, workerData } from "node:worker_threads";
import type { Bar } from "../core/bar.ts";
import { packInto, VALUES_PER_BAR } from "../core/packed-bars.ts";
import { MAX_UNTAKEN, sendableError, type DayMessage } from "./day-message.ts";
import { readDay, type DayFile } from "./read-day.ts";

/** Bars that are sent at once: fewer messages, yet none that fills the memory. */
const BARS_PER_MESSAGE = 16_384;

let blocks: { readonly ticker: string; readonly bars: readonly Bar[] }[] = [];
let collected = 0;
let untaken = 0;
let taken = Promise.withResolvers<void>();

function send(message: DayMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function sendBlocks(): void {
  if (blocks.length === 0) return;
  const values = new Float64Array(collected * VALUES_PER_BAR);
  let at = 0;
  for (const { bars } of blocks) at = packInto(values, at, bars);
  const tickers = blocks.map(({ ticker }) => ticker);
  const counts = blocks.map(({ bars }) => bars.length);
  send({ kind: "blocks", tickers, counts, values }, [values.buffer]);
  blocks = [];
  collected = 0;
  untaken++;
}

function onBlock(ticker: string, bars: Bar[]): void {
  blocks.push({ ticker, bars });
  collected += bars.length;
  if (collected >= BARS_PER_MESSAGE) sendBlocks();
}

async function beforeMore(): Promise<void> {
  while (untaken >= MAX_UNTAKEN) await taken.promise;
}

parentPort?.on("message", () => {
  untaken--;
  taken.resolve();
  taken = Promise.withResolvers();
});

const file: DayFile = workerData;
try {
  const summary = await readDay(file, { onBlock, beforeMore });
  sendBlocks();
  send({ kind: "done", summary });
} catch (error) {
  send({ kind: "failed", error: sendableError(error) });
}
