import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import type { Bar } from "../../src/core/bar.ts";
import { BackfillError } from "../../src/core/errors.ts";
import { readDayAside } from "../../src/workflows/read-day-aside.ts";
import { readDay, type DayFile } from "../../src/workflows/read-day.ts";
import { reasonOf } from "../massive/support.ts";
import { BAD_DAY_DATE, drawnDay, writeBadDay } from "../support/bad-days.ts";
import { closeOf, writeLargeDay } from "../support/large-day.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { DAY_ERRORS, manyRows, SPX_DAY } from "./day-files.ts";
import { INDEX_HEADER, put } from "./index-file.ts";

setDefaultTimeout(20_000);

const never = new AbortController().signal;

function refuse(): never {
  throw new Error("the disk is full");
}

function openFiles(): number {
  return readdirSync("/dev/fd").length;
}

function collector() {
  const blocks: { ticker: string; bars: Bar[] }[] = [];
  const onBlock = (ticker: string, bars: Bar[]) => void blocks.push({ ticker, bars });
  return { blocks, onBlock };
}

/** What a file comes to when it is read on this thread, and when on one of its own. */
async function bothWays(file: DayFile) {
  const [here, aside] = [collector(), collector()];
  const expected = { summary: await readDay(file, here), blocks: here.blocks };
  const actual = { summary: await readDayAside(file, aside.onBlock, never), blocks: aside.blocks };
  return { expected, actual };
}

describe("reading a day on a thread of its own", () => {
  test("gives what reading it here gives, whatever the file", async () => {
    const tickers = ["I:A", "I:B", "I:C", "I:D"];
    await fc.assert(
      fc.asyncProperty(drawnDay, fc.boolean(), fc.boolean(), async (drawn, packed, all) => {
        using dir = tempDir();
        const { text } = writeBadDay(tickers, tickers.slice(0, 3), drawn);
        const path = put({ dataDir: dir.path }, "day", packed ? gzipSync(text) : text);
        const wanted = all ? "all" : new Set(tickers.slice(0, 3));
        const { actual, expected } = await bothWays({ path, date: BAD_DAY_DATE, wanted });
        expect(expected.summary.bars).toBeGreaterThan(800);
        // toStrictEqual tells null from undefined.
        expect(actual).toStrictEqual(expected);
      }),
      { seed: 20241122, numRuns: 12 },
    );
  });

  test("gives every bar of a large file, in order", async () => {
    using dir = tempDir();
    const path = join(dir.path, "day.csv.gz");
    const startMs = Date.UTC(2024, 10, 22, 14, 30);
    await writeLargeDay({ path, startMs, tickers: 300, minutes: 390, named: ["I:SPXX"] });
    const { actual, expected } = await bothWays({ path, date: "2024-11-22", wanted: "all" });
    expect(actual.summary).toMatchObject({ bars: 117_000, rejectedRows: 0 });
    expect(actual).toStrictEqual(expected);
    const closes = actual.blocks.find(({ ticker }) => ticker === "I:SPXX")?.bars.map(({ close }) => close);
    expect(closes).toEqual(Array.from({ length: 390 }, (_, minute) => closeOf(minute)));
  });

  test("leaves turns to others though the reader is always ahead", async () => {
    using dir = tempDir();
    const path = join(dir.path, "day.csv.gz");
    const startMs = Date.UTC(2024, 10, 22, 14, 30);
    await writeLargeDay({ path, startMs, tickers: 600, minutes: 390, named: ["I:SPXX"] });
    let [turns, blocks, blocksOfTurn, mostBlocksOfTurn] = [0, 0, 0, 0];
    const turn = () => {
      turns++;
      blocksOfTurn = 0;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const onBlock = () => {
      blocks++;
      mostBlocksOfTurn = Math.max(mostBlocksOfTurn, ++blocksOfTurn);
    };
    await readDayAside({ path, date: "2024-11-22", wanted: "all" }, onBlock, never);
    clearImmediate(next);
    expect([blocks, turns > 10]).toEqual([600, true]);
    // A message has 11 blocks of 390 bars.
    expect(mostBlocksOfTurn).toBeLessThan(50);
  });

  test("leaves no file open, however it ends", async () => {
    using dir = tempDir();
    const path = join(dir.path, "day.csv.gz");
    const startMs = Date.UTC(2024, 10, 22, 14, 30);
    await writeLargeDay({ path, startMs, tickers: 600, minutes: 390, named: ["I:SPXX"] });
    const file = { path, date: "2024-11-22", wanted: "all" } as const;
    await reasonOf(readDayAside(file, refuse, never));
    const before = openFiles();
    for (let time = 0; time < 4; time++) await reasonOf(readDayAside(file, refuse, never));
    for (let time = 0; time < 4; time++) {
      const stop = new AbortController();
      await reasonOf(readDayAside(file, () => stop.abort(new Error("stopped")), stop.signal));
    }
    expect(openFiles()).toBeLessThan(before + 4);
  });

  test("takes blocks that came before anybody was there to take them", async () => {
    using dir = tempDir();
    const path = put({ dataDir: dir.path }, "day", INDEX_HEADER + manyRows("I:SPX", 400));
    const { blocks, onBlock } = collector();
    const taker = Promise.withResolvers<typeof onBlock>();
    const reading = readDayAside({ ...SPX_DAY, path }, taker.promise, never);
    // By then the first reader has long had the time to send everything.
    await readDayAside({ ...SPX_DAY, path }, () => {}, never);
    taker.resolve(onBlock);
    expect((await reading).bars).toBe(400);
    expect(blocks.map(({ ticker, bars }) => [ticker, bars.length])).toEqual([["I:SPX", 400]]);
  });
});

/** The error of reading a file on a thread, after making sure that it is the one of reading it here. */
async function sameError(file: DayFile): Promise<BackfillError> {
  const here = await rejectionOf(readDay(file, { onBlock: () => {} }));
  const aside = await rejectionOf(readDayAside(file, () => {}, never));
  expect({ ...wordsOf(aside), code: aside.code }).toEqual({ ...wordsOf(here), code: here.code });
  return aside;
}

describe("an error of the reader comes in the same words", () => {
  test.each(DAY_ERRORS)("if %s", async (_what, code, content) => {
    using dir = tempDir();
    const path = put({ dataDir: dir.path }, "day", content());
    expect((await sameError({ ...SPX_DAY, path })).code).toBe(code);
  });

  test("if there is no such file, or it is a folder", async () => {
    using dir = tempDir();
    const missing = await sameError({ ...SPX_DAY, path: join(dir.path, "none") });
    expect([missing.reason, missing.code]).toEqual(["there is no such file", "ENOENT"]);
    expect((await sameError({ ...SPX_DAY, path: dir.path })).reason).toBe("it is a folder");
  });

  test("if it is a bug, with the place where it happened", async () => {
    const file = { ...SPX_DAY, path: "no\0path" };
    const here = await reasonOf(readDay(file, { onBlock: () => {} }));
    const aside = await reasonOf(readDayAside(file, () => {}, never));
    expect(aside).not.toBeInstanceOf(BackfillError);
    if (!(here instanceof Error && aside instanceof Error)) throw new Error("no error came");
    expect(aside.message).toBe(here.message);
    expect(aside.stack).toContain("file-bytes.ts");
  });

  test("after the blocks that stood before the fault", async () => {
    using dir = tempDir();
    const tickers = Array.from({ length: 50 }, (_, index) => manyRows(`I:T${index}`, 1000));
    const path = put({ dataDir: dir.path }, "day", gzipSync(INDEX_HEADER + tickers.join("")).subarray(0, -9));
    const { blocks, onBlock } = collector();
    const file = { path, date: SPX_DAY.date, wanted: "all" as const };
    expect((await rejectionOf(readDayAside(file, onBlock, never))).code).toBe("bad-gzip");
    expect(blocks.map(({ ticker }) => ticker)).toEqual(blocks.map((_, index) => `I:T${index}`));
  });
});

const long = () =>
  INDEX_HEADER + Array.from({ length: 80 }, (_, one) => manyRows(`I:T${one}`, 1000)).join("");

function longFile(dataDir: string): DayFile {
  return { path: put({ dataDir }, "day", long()), date: SPX_DAY.date, wanted: "all" };
}

describe("the reader ends at once", () => {
  test("with the error of who takes its blocks", async () => {
    using dir = tempDir();
    const error = new Error("no room");
    let taken = 0;
    const onBlock = () => {
      if (++taken === 3) throw error;
    };
    expect(await reasonOf(readDayAside(longFile(dir.path), onBlock, never))).toBe(error);
    expect(taken).toBe(3);
  });

  test("with the error of who should have come to take its blocks", async () => {
    using dir = tempDir();
    const error = new Error("no room");
    expect(await reasonOf(readDayAside(longFile(dir.path), Promise.reject(error), never))).toBe(error);
  });

  test("with the reason of its signal, and hands over no block after that", async () => {
    using dir = tempDir();
    const stop = new AbortController();
    const reason = new Error("the user has had enough");
    let taken = 0;
    const onBlock = () => {
      taken++;
      stop.abort(reason);
    };
    const file = longFile(dir.path);
    expect(await reasonOf(readDayAside(file, onBlock, stop.signal))).toBe(reason);
    const atEnd = taken;
    await readDayAside(file, () => {}, never);
    expect(taken).toBe(atEnd);
    // What came in the same message as the first block: at most 4,096 bars and one block.
    expect(taken).toBeLessThanOrEqual(17);
  });

  test("with the reason of its signal while nobody takes its blocks yet", async () => {
    using dir = tempDir();
    const stop = new AbortController();
    const reason = new Error("the user has had enough");
    const taker = Promise.withResolvers<() => void>();
    const reading = reasonOf(readDayAside(longFile(dir.path), taker.promise, stop.signal));
    stop.abort(reason);
    expect(await reading).toBe(reason);
  });

  test("and hands over nothing of what waits, though somebody comes to take it at that moment", async () => {
    using dir = tempDir();
    const stop = new AbortController();
    const reason = new Error("the user has had enough");
    const { blocks, onBlock } = collector();
    const taker = Promise.withResolvers<typeof onBlock>();
    const file = longFile(dir.path);
    const reading = reasonOf(readDayAside(file, taker.promise, stop.signal));
    // By then some messages of the first reader wait.
    await readDayAside(file, () => {}, never);
    stop.abort(reason);
    taker.resolve(onBlock);
    expect(await reading).toBe(reason);
    expect(blocks).toEqual([]);
  });

  test("before it begins if the signal was there first", async () => {
    const reason = new Error("the user has had enough");
    const file = { ...SPX_DAY, path: "/nowhere" };
    expect(await reasonOf(readDayAside(file, () => {}, AbortSignal.abort(reason)))).toBe(reason);
  });
});
