import { closeSync, constants, copyFileSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { hash } from "node:crypto";
import { dirname, join } from "node:path";
import { CACHE_FILE } from "../../../src/cache/cache.ts";
import { isObject } from "../../support/binary.ts";
import type { Bench } from "./case.ts";
import { keptCache, writeReadDay } from "./kept-cache.ts";
import { barText, stockBars, stockDates, STOCKS } from "./stock-bars.ts";

/** What a table has to hold that these bars were brought to. */
export interface BarFacts {
  readonly bars: number;
  /** Sum of `lineNumber` over the lines of all bars (`barText`). */
  readonly checksum: number;
}

/** A cache that was never synced. It is kept: sync copies of it. */
export interface SyncCache extends BarFacts {
  readonly dataDir: string;
  readonly dates: readonly string[];
}

const FACTS = "facts.json";
/** Hex digits of a line's MD5 that are its number: sums of them stay whole. */
const DIGITS = 7;

/** The cache of so many days of the five stocks, made now if it is not there. */
export async function syncCache(bench: Bench, days: number): Promise<SyncCache> {
  const dates = stockDates(days);
  const dataDir = await keptCache(bench, `sync-${days}-${contentId(dates)}`, async (cache, folder) => {
    let [bars, checksum] = [0, 0];
    for (const date of dates) {
      const blocks = STOCKS.map((stock) => [stock.ticker, stockBars(stock, date)] as const);
      await writeReadDay(cache, { dataset: "stocks", date }, blocks);
      for (const [ticker, own] of blocks) {
        bars += own.length;
        for (const bar of own) checksum += lineNumber(barText(ticker, bar));
      }
    }
    await Bun.write(join(folder, FACTS), JSON.stringify({ bars, checksum }));
  });
  return { dataDir, dates, ...(await readFacts(dataDir)) };
}

/** Copies a cache into the folder `dataDir`, and onto the disk: not while somebody is timed. */
export function copyCache(cache: SyncCache, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  const copy = join(dataDir, CACHE_FILE);
  copyFileSync(join(cache.dataDir, CACHE_FILE), copy, constants.COPYFILE_FICLONE);
  const file = openSync(copy, "r+");
  fsyncSync(file);
  closeSync(file);
}

/** Writes the bars of a cache for COPY, in the order of the key. */
export async function writeBarsText({ dates }: SyncCache, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const text = Bun.file(path).writer();
  for (const stock of STOCKS) {
    for (const date of dates) {
      const lines = stockBars(stock, date).map((bar) => `${barText(stock.ticker, bar)}\n`);
      await text.write(lines.join(""));
      await text.flush();
    }
  }
  await text.end();
}

/** What `lineNumber` is in Postgres, `line` being the SQL of the line. */
export function lineNumberSql(line: string): string {
  return `('x' || left(md5(${line}), ${DIGITS}))::bit(${DIGITS * 4})::int`;
}

function lineNumber(line: string): number {
  return Number.parseInt(hash("md5", line, "hex").slice(0, DIGITS), 16);
}

/** So that a cache of other bars is another one. */
function contentId(dates: readonly string[]): string {
  const lastDay = STOCKS.map((stock) => stockBars(stock, dates.at(-1) ?? ""));
  return Bun.hash(JSON.stringify([dates, lastDay])).toString(36);
}

async function readFacts(dataDir: string): Promise<BarFacts> {
  const facts: unknown = await Bun.file(join(dataDir, FACTS)).json();
  if (isObject(facts)) {
    const { bars, checksum } = facts;
    if (typeof bars === "number" && typeof checksum === "number") return { bars, checksum };
  }
  throw new Error(`${dataDir} cannot be used: delete it`);
}
