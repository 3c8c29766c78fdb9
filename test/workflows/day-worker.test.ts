import { expect, setDefaultTimeout, test } from "bun:test";
import { Worker } from "node:worker_threads";
import { unpackBars } from "../../src/core/packed-bars.ts";
import type { DayMessage } from "../../src/workflows/day-message.ts";
import { readDayAside } from "../../src/workflows/read-day-aside.ts";
import type { DayFile } from "../../src/workflows/read-day.ts";
import { tempDir } from "../support/temp-dir.ts";
import { SPX_DAY } from "./day-files.ts";
import { INDEX_HEADER, put } from "./index-file.ts";

setDefaultTimeout(20_000);

const WORKER = new URL("../../src/workflows/day-worker.ts", import.meta.url);
/** Messages that may be on their way. */
const MAX_UNTAKEN = 4;
const TICKERS = 400;
const MINUTES = 1000;
/** A chunk of text may be 1 MB, some 17,000 rows, and is parsed whole before the reader waits. */
const MOST_AHEAD = (MAX_UNTAKEN + 2) * 17_000 + 17_000;

function largeFile(dataDir: string): DayFile {
  const rows = Array.from({ length: MINUTES }, (_, minute) => {
    const stamp = `${Date.UTC(2024, 10, 22, 0, minute)}000000`;
    return `,${minute + 1},${minute + 1.5},${minute + 2},${minute + 0.5},${stamp}\n`;
  });
  const tickers = Array.from({ length: TICKERS }, (_, index) => `I:T${index}`);
  const text = INDEX_HEADER + tickers.map((ticker) => ticker + rows.join(ticker)).join("");
  return { path: put({ dataDir }, "day.csv", text), date: SPX_DAY.date, wanted: "all" };
}

/** A reader that waits for its messages to be taken. */
function startReader(file: DayFile) {
  const worker = new Worker(WORKER, { workerData: file });
  const got: DayMessage[] = [];
  const waiting = new Set<() => void>();
  worker.on("message", (message: DayMessage) => {
    got.push(message);
    for (const wake of waiting) wake();
  });
  return {
    got,
    bars: () => got.reduce((sum, one) => sum + (one.kind === "blocks" ? one.values.length / 8 : 0), 0),
    take: () => worker.postMessage("taken", []),
    /** Resolves when `count` messages have come. */
    async messages(count: number): Promise<void> {
      while (got.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}

test("the reader stays a bounded number of bars ahead of who takes them, and goes on when they are taken", async () => {
  using dir = tempDir();
  const file = largeFile(dir.path);
  await using reader = startReader(file);
  await reader.messages(MAX_UNTAKEN);
  // Another reader goes through the whole file: the first one had as much time.
  const { bars } = await readDayAside(file, () => {}, new AbortController().signal);
  expect(bars).toBe(TICKERS * MINUTES);
  const ahead = reader.bars();
  expect(ahead).toBeLessThan(MOST_AHEAD);
  expect(reader.got.every(({ kind }) => kind === "blocks")).toBe(true);

  const sent = reader.got.length;
  for (let taken = 0; taken < sent; taken++) reader.take();
  await reader.messages(sent + MAX_UNTAKEN);
  expect(reader.bars()).toBeGreaterThan(ahead);
});

test("the reader sends whole blocks, some at once, each of them once", async () => {
  using dir = tempDir();
  await using reader = startReader(largeFile(dir.path));
  let seen = 0;
  while (reader.got.at(-1)?.kind !== "done") {
    await reader.messages(seen + 1);
    for (; seen < reader.got.length; seen++) reader.take();
  }
  const blocks = reader.got.filter((message) => message.kind === "blocks");
  expect(blocks.flatMap(({ tickers }) => tickers)).toEqual(
    Array.from({ length: TICKERS }, (_, index) => `I:T${index}`),
  );
  expect(new Set(blocks.flatMap(({ counts }) => counts))).toEqual(new Set([MINUTES]));
  // 4,096 bars at most, and what is left of the block that reaches them.
  expect(Math.max(...blocks.map(({ values }) => values.length / 8))).toBeLessThan(4_096 + MINUTES);
  const [first] = blocks;
  expect(first && unpackBars(first.values, 0, 2).map(({ close }) => close)).toEqual([1.5, 2.5]);
  expect(reader.got.at(-1)).toMatchObject({ kind: "done", summary: { bars: TICKERS * MINUTES } });
});
