import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { keepTimeframes } from "../../../src/cache/timeframes.ts";
import { BackfillError } from "../../../src/core/errors.ts";
import { aggregateKept } from "../../../src/workflows/aggregate/aggregate.ts";
import { exportBars } from "../../../src/workflows/export/export.ts";
import { keyOf, writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { contextOf } from "../run-context.ts";
import { optionsOf, putDay } from "./exported.ts";

setDefaultTimeout(60_000);

const DATES = ["2023-12-28", "2023-12-29", "2024-01-02", "2024-01-03"];
const SYMBOLS = ["NDX", "SPX"];
const HOUR = { timeframeMinutes: 60, session: "regular" } as const;

const place = { symbol: fc.constantFrom(...SYMBOLS), date: fc.constantFrom(...DATES), cache: fc.nat(1) };
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("day"),
      ...place,
      prices: fc.array(fc.nat(9), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unread"), ...place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("aggregate"), cache: fc.nat(1) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("export"),
      // The second cache is another one that somebody exports into the same folder now and then.
      cache: fc.constantFrom(0, 0, 0, 1),
      symbols: fc.subarray(SYMBOLS, { minLength: 1 }),
      timeframes: fc.subarray([1, 60], { minLength: 1 }),
      year: fc.constantFrom(null, null, "2023", "2024"),
      incremental: fc.boolean(),
      replace: fc.constantFrom(false, false, false, true),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a cache knows of a symbol on a date: the closes of its minutes; null if they are not to be trusted. */
type Known = Map<string, readonly number[] | null>;

/** The lines of a CSV partition that the minutes of one day make, without their time. */
function linesOf(prices: readonly number[], timeframe: number): string[] {
  const rows =
    timeframe === 1
      ? prices.map((price) => [price, price, price, price])
      : prices.length === 0
        ? []
        : [[prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)]];
  return rows.map((row) => row.join(","));
}

/** The lines of every file of a folder, by its place and date. */
function linesIn(out: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
    const [, timeframe, symbol] = /^timeframe=(\w+)\/symbol=(\w+)\/year=\d+\/bars\.csv$/.exec(name) ?? [];
    if (timeframe === undefined) continue;
    for (const line of readFileSync(join(out, name), "utf8").trim().split("\n").slice(1)) {
      const [timestamp, ...rest] = line.split(",");
      const key = `${timeframe} ${symbol} ${new Date(Number(timestamp)).toISOString().slice(0, 10)}`;
      found.set(key, [...(found.get(key) ?? []), rest.slice(0, 4).join(",")]);
    }
  }
  return found;
}

class World {
  readonly #caches: readonly { readonly temp: TempCache; readonly known: Known }[];
  readonly #out: string;

  constructor(temps: readonly TempCache[], out: string) {
    this.#caches = temps.map((temp) => ({ temp, known: new Map() }));
    this.#out = out;
  }

  async take(one: Step): Promise<void> {
    const side = this.#caches[one.cache];
    if (side === undefined) return;
    const { temp, known } = side;
    if (one.kind === "aggregate") await aggregateKept(contextOf(temp));
    else if (one.kind === "day") {
      const { symbol, date, prices } = one;
      if (prices.length > 0) await putDay(temp.cache, `I:${symbol}`, date, prices);
      else await writeDay(temp.cache, { date, wanted: [`I:${symbol}`] });
      known.set(`${symbol} ${date}`, prices);
    } else if (one.kind === "unread") {
      const key = await keyOf(temp.cache, `I:${one.symbol}`, one.date);
      if (!known.has(`${one.symbol} ${one.date}`)) return;
      await temp.cache.write(() => markUnread(temp.cache, key));
      known.set(`${one.symbol} ${one.date}`, null);
    } else await this.#export(one, temp, known);
  }

  async #export(one: Extract<Step, { kind: "export" }>, temp: TempCache, known: Known): Promise<void> {
    const { symbols, timeframes, year, incremental, replace } = one;
    const before = linesIn(this.#out);
    const options = optionsOf(temp.cache, this.#out, { format: "csv", timeframes, incremental, replace });
    const range = year === null ? null : { from: `${year}-01-01`, to: `${year}-12-31` };
    const asked = options.symbols.filter(({ symbol }) => symbols.includes(symbol));
    const outcome = await exportBars(contextOf(temp), { ...options, symbols: asked, range }).catch(
      (error: unknown) => error,
    );
    const after = linesIn(this.#out);
    if (outcome instanceof BackfillError) {
      expect([outcome.kind, after]).toEqual(["usage", before]);
      return;
    }
    if (outcome instanceof Error) throw outcome;
    const isAsked = (key: string) => {
      const [timeframe, symbol = "", date = ""] = key.split(" ");
      return (
        symbols.includes(symbol) &&
        timeframes.includes(timeframe === "1m" ? 1 : 60) &&
        date.startsWith(year ?? "")
      );
    };
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [timeframe, symbol, date] = key.split(" ");
      const prices = known.get(`${symbol} ${date}`);
      const own =
        prices === undefined || prices === null ? undefined : linesOf(prices, timeframe === "1m" ? 1 : 60);
      const [was, is] = [before.get(key), after.get(key)];
      // What this cache knows nothing of stays as it was, or goes with --replace; what nobody asked for stays.
      if (!isAsked(key)) expect([key, is]).toEqual([key, was]);
      else if (own === undefined) expect([key, replace && is === undefined ? was : is]).toEqual([key, was]);
      else expect([key, is ?? []]).toEqual([key, own]);
    }
    for (const [day, prices] of known)
      for (const timeframe of timeframes) {
        const key = `${timeframe === 1 ? "1m" : "1h"} ${day}`;
        if (isAsked(key) && prices !== null && prices.length > 0) expect(after.has(key)).toBe(true);
      }
  }
}

test("a folder has what the cache has after every export, and loses nothing that the cache does not know", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      using one = tempCache();
      using other = tempCache();
      using dir = tempDir();
      for (const { cache } of [one, other]) await keepTimeframes(cache, [HOUR], 1);
      const world = new World([one, other], dir.path);
      for (const each of steps) await world.take(each);
    }),
    { numRuns: 150 },
  );
});
