// The reader of a day: a thread of its own that unpacks and parses a file while the main one writes its bars.
import { parentPort, workerData } from "node:worker_threads";
import { BlockSender } from "./block-sender.ts";
import { sendableError, type DayMessage, type ReaderOrder } from "./day-message.ts";
import { readDay, type DayFile } from "./read-day.ts";

function send(message: DayMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

const file: DayFile = workerData;
const blocks = new BlockSender(send);
const stopped = new AbortController();
parentPort?.on("message", (order: ReaderOrder) => {
  if (order === "taken") return blocks.taken();
  stopped.abort();
  blocks.stop();
});
try {
  const summary = await readDay(file, {
    onBlock: (ticker, bars) => blocks.add(ticker, bars),
    beforeMore: () => blocks.room(),
    signal: stopped.signal,
  });
  blocks.flush();
  send({ kind: "done", summary });
} catch (error) {
  send({ kind: "failed", error: sendableError(error) });
} finally {
  parentPort?.close();
}
