import { epochDayOf } from "../../core/dates.ts";
import type { Dataset } from "../../core/datasets.ts";
import type { DayBars } from "./day-bars.ts";
import { tradingHours } from "./hours.ts";
import type { Activity } from "./hours.ts";
import type { Instrument } from "./instruments.ts";
import { hashNumbers, Random, valueNoise } from "./random.ts";

/** Since this date stock files carry fractional volume and prices with six decimals (the vendor's change). */
const FRACTIONAL_STOCKS_FROM = "2026-02-23";

/** Whether the files of `dataset` on `date` have the newer numbers of stocks. */
export function hasFractionalStocks(dataset: Dataset, date: string): boolean {
  return dataset === "stocks" && date >= FRACTIONAL_STOCKS_FROM;
}

/**
 * Fills `bars` with the bars of `instrument` on `date`. Each minute draws the same random numbers whether it
 * gets a bar or not, so a republished day (`revision` > 0) differs from the first one only where it is meant to.
 */
export function fillDay(bars: DayBars, instrument: Instrument, date: string, revision: number): void {
  const hours = tradingHours(instrument.dataset, date, instrument.overnight);
  const fractional = hasFractionalStocks(instrument.dataset, date);
  bars.count = 0;
  bars.startMs = hours?.startMs ?? 0;
  bars.decimals = fractional ? 4 : instrument.decimals;
  bars.hasVolume = instrument.dataset !== "indices";
  if (hours === null) return;
  const wholeVolume = !fractional && instrument.dataset !== "crypto";
  const total = hours.segments.reduce((sum, segment) => sum + segment.minutes, 0);
  const walk = new PriceWalk(instrument, date, total, 10 ** bars.decimals);
  const edits = new RevisionEdits(revision);
  for (const { activity, minutes } of hours.segments) {
    const density = densityOf(instrument, activity);
    for (let count = 0; count < minutes; count += 1) {
      const trades = walk.step() < density;
      const shift = edits.apply(trades);
      if (shift !== null) walk.writeTo(bars, shift, wholeVolume);
    }
  }
}

function densityOf(instrument: Instrument, activity: Activity): number {
  if (activity === "session") return instrument.sessionDensity;
  return activity === "extended" ? instrument.extendedDensity : 0;
}

/** The level around which a ticker trades on a day: slow, medium and daily waves about its base price. */
function levelOf(instrument: Instrument, epochDay: number): number {
  const { seed } = instrument;
  const slow = 0.12 * valueNoise(seed, epochDay / 120);
  const medium = 0.05 * valueNoise(seed ^ 1, epochDay / 20);
  return instrument.basePrice * (1 + slow + medium + 0.008 * valueNoise(seed ^ 2, epochDay));
}

/** A random walk through one day that is drawn back to the line from this day's level to the next day's. */
class PriceWalk {
  readonly #instrument: Instrument;
  readonly #random: Random;
  readonly #level: number;
  readonly #slope: number;
  readonly #scale: number;
  #minute = -1;
  #deviation = 0;
  #openTicks = 0;
  #closeTicks: number;
  #wickUp = 0;
  #wickDown = 0;
  #volume = 0;

  constructor(instrument: Instrument, date: string, minutes: number, scale: number) {
    const epochDay = epochDayOf(date);
    this.#instrument = instrument;
    this.#random = new Random(hashNumbers(instrument.seed, epochDay));
    this.#level = levelOf(instrument, epochDay);
    this.#slope = (levelOf(instrument, epochDay + 1) - this.#level) / minutes;
    this.#scale = scale;
    this.#closeTicks = this.#ticks(this.#level);
  }

  /** Moves on by a minute; returns a number in [0, 1) that decides whether the minute has a bar. */
  step(): number {
    const random = this.#random;
    const volatility = this.#instrument.minuteVolatility;
    this.#minute += 1;
    this.#openTicks = this.#closeTicks;
    this.#deviation = 0.97 * this.#deviation + volatility * 3.4 * (random.next() - 0.5);
    const price = (this.#level + this.#slope * (this.#minute + 1)) * (1 + this.#deviation);
    this.#closeTicks = this.#ticks(price);
    this.#wickUp = Math.round(random.next() * volatility * price * this.#scale);
    this.#wickDown = Math.round(random.next() * volatility * price * this.#scale);
    this.#volume = this.#instrument.minuteVolume * (0.1 + 1.8 * random.next());
    return random.next();
  }

  /** Appends the bar of this minute, all prices `shift` units higher. */
  writeTo(bars: DayBars, shift: number, wholeVolume: boolean): void {
    const index = bars.count;
    const open = this.#openTicks + shift;
    const close = this.#closeTicks + shift;
    bars.minute[index] = this.#minute;
    bars.open[index] = open;
    bars.close[index] = close;
    bars.high[index] = Math.max(open, close) + this.#wickUp;
    bars.low[index] = Math.max(1, Math.min(open, close) - this.#wickDown);
    const whole = Math.floor(this.#volume);
    bars.volumeWhole[index] = wholeVolume ? Math.max(1, whole) : whole;
    bars.volumeMicro[index] = wholeVolume ? 0 : Math.floor((this.#volume - whole) * 1_000_000) || 1;
    bars.transactions[index] = 1 + Math.floor(whole / 60);
    bars.count = index + 1;
  }

  #ticks(price: number): number {
    return Math.max(2, Math.round(price * this.#scale));
  }
}

/** What a republished day changes: some bars move by a few units, some go, some minutes without a bar get one. */
class RevisionEdits {
  readonly #revision: number;
  #barCount = 0;
  #gapCount = 0;

  constructor(revision: number) {
    this.#revision = revision;
  }

  /** By how many price units the minute's bar is moved; null if the minute has no bar. */
  apply(trades: boolean): number | null {
    const revision = this.#revision;
    if (revision === 0) return trades ? 0 : null;
    if (!trades) {
      this.#gapCount += 1;
      return this.#gapCount % 50 === revision % 50 ? 0 : null;
    }
    this.#barCount += 1;
    if (this.#barCount % 97 === (revision + 2) % 97) return null;
    return this.#barCount % 40 === revision % 40 ? revision : 0;
  }
}
