import { expect, test } from "bun:test";
import { MINUTE_MS, type Bar } from "../../src/core/bar.ts";
import { unpackBars, VALUES_PER_BAR } from "../../src/core/packed-bars.ts";
import { BlockSender } from "../../src/workflows/block-sender.ts";
import type { DayMessage } from "../../src/workflows/day-message.ts";
import { barsFrom } from "../support/bars.ts";

const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

function startSender() {
  const sent: Extract<DayMessage, { kind: "blocks" }>[] = [];
  const transferred: ArrayBuffer[] = [];
  const sender = new BlockSender((message, transfer) => {
    if (message.kind === "blocks") sent.push(message);
    transferred.push(...transfer);
  });
  return { sender, sent, transferred };
}

/** The blocks of a message, unpacked. */
function blocksOf({ tickers, counts, values }: Extract<DayMessage, { kind: "blocks" }>) {
  let at = 0;
  return tickers.map((ticker, index) => {
    const count = counts[index] ?? 0;
    const unpacked = unpackBars(values, at * VALUES_PER_BAR, count);
    at += count;
    return { ticker, bars: unpacked };
  });
}

function bars(count: number): Bar[] {
  return barsFrom(
    OPEN_MS,
    Array.from({ length: count }, (_, index) => index),
  );
}

/** Whether a promise is settled when all that can go on has gone on. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  return settled;
}

test("blocks go together, in their order, in memory that is handed over", () => {
  const { sender, sent, transferred } = startSender();
  const blocks = [
    { ticker: "I:SPX", bars: bars(3) },
    { ticker: "I:NONE", bars: [] },
    { ticker: "I:VIX", bars: barsFrom(OPEN_MS + MINUTE_MS, [7, 8]) },
    { ticker: "I:SPX", bars: barsFrom(OPEN_MS + 9 * MINUTE_MS, [9]) },
  ];
  for (const { ticker, bars: added } of blocks) sender.add(ticker, added);
  expect(sent).toEqual([]);
  sender.flush();
  expect(sent.map(blocksOf)).toEqual([blocks]);
  expect(transferred).toEqual(sent.map(({ values }) => values.buffer));
});

test("nothing is sent where there is nothing", () => {
  const { sender, sent } = startSender();
  sender.flush();
  sender.add("I:SPX", bars(1));
  sender.flush();
  sender.flush();
  expect(sent).toHaveLength(1);
});

test("blocks are sent as soon as 4,096 bars have come together", () => {
  const { sender, sent } = startSender();
  sender.add("I:A", bars(4_095));
  expect(sent).toHaveLength(0);
  sender.add("I:B", bars(5));
  expect(sent.map(({ counts }) => counts)).toEqual([[4_095, 5]]);
  sender.add("I:C", bars(4_096));
  expect(sent.map(({ counts }) => counts)).toEqual([[4_095, 5], [4_096]]);
});

test("there is room for eight messages on their way, and again when one of them was taken", async () => {
  const { sender } = startSender();
  const send = () => {
    sender.add("I:SPX", bars(1));
    sender.flush();
  };
  for (let message = 1; message <= 7; message++) send();
  expect(await isSettled(sender.room())).toBe(true);
  send();
  send();
  const room = sender.room();
  expect(await isSettled(room)).toBe(false);
  sender.taken();
  expect(await isSettled(room)).toBe(false);
  sender.taken();
  expect(await isSettled(room)).toBe(true);
  send();
  expect(await isSettled(sender.room())).toBe(false);
});

test("when nobody takes anything any more, nobody waits for room", async () => {
  const { sender } = startSender();
  for (let message = 1; message <= 20; message++) {
    sender.add("I:SPX", bars(1));
    sender.flush();
  }
  const room = sender.room();
  expect(await isSettled(room)).toBe(false);
  sender.stop();
  expect(await isSettled(room)).toBe(true);
});
