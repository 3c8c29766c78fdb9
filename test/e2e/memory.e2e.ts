import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { MINUTE_MS } from "../../src/core/bar.ts";
import { barLine, differences } from "../support/bar-lines.ts";
import { expectExit, start } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { closeOf, writeLargeDay, type LargeDay } from "../support/large-day.ts";
import { watchMemory } from "../support/memory-watch.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

setDefaultTimeout(120_000);

const DATE = "2024-11-22";
const NAMED = ["I:0NDX", "I:0SPX", "I:0VIX"];
/** Minutes from midnight in New York on, as indices that follow crypto have them. */
const [START_MS, MINUTES] = [Date.parse(`${DATE}T05:00:00Z`), 1080];
const SMALLEST_RAW_BYTES = 600_000_000;
const SMALLEST_RSS_BYTES = 50_000_000;
const LARGEST_RSS_BYTES = 200_000_000;
let folder: TempDir;
let path: string;
let day: LargeDay;

beforeAll(async () => {
  folder = tempDir();
  path = join(folder.path, `${DATE}.csv.gz`);
  day = await writeLargeDay({ path, startMs: START_MS, tickers: 10_000, minutes: MINUTES, named: NAMED });
});
afterAll(() => folder[Symbol.dispose]());

function command(symbols: readonly string[]): string[] {
  return ["parse", `--file=${path}`, "--dataset=indices", `--symbols=${symbols.join(",")}`];
}

function truth(): string[] {
  return NAMED.flatMap((ticker) =>
    Array.from({ length: MINUTES }, (_, minute) => {
      const close = closeOf(minute);
      const prices = { open: close, high: close, low: close, close };
      const windowStartMs = START_MS + minute * MINUTE_MS;
      const rest = { volume: null, vwap: null, transactions: null };
      return barLine(ticker.slice(2), "1m", { windowStartMs, ...prices, ...rest });
    }),
  );
}

test("a day of 600 MB is read with less than 200 MB of memory", async () => {
  expect(day.rawBytes).toBeGreaterThan(SMALLEST_RAW_BYTES);
  using dir = tempDir();
  const running = start(command(NAMED), { cwd: dir.path });
  const memory = watchMemory(running.pid);
  expectExit(await running.ended, 0);
  const peakBytes = memory.peakBytes();
  expect(differences(cachedBars(join(dir.path, "data")), truth())).toEqual([]);
  // A program of this size cannot do with less: the watch has seen it at work.
  expect(peakBytes).toBeGreaterThan(SMALLEST_RSS_BYTES);
  expect(peakBytes).toBeLessThan(LARGEST_RSS_BYTES);
});

test("reading it can be interrupted: at once, and nothing of it is kept", async () => {
  for (const symbols of [NAMED, ["*"]]) {
    using dir = tempDir();
    const running = start(command(symbols), { cwd: dir.path });
    await Bun.sleep(300);
    const signalledMs = performance.now();
    running.signal("SIGINT");
    const outcome = await running.ended;
    expect(performance.now() - signalledMs).toBeLessThan(3000);
    expectExit(outcome, 130);
    expect(cachedBars(join(dir.path, "data"))).toEqual([]);
  }
});
