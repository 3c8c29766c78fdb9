/** How many of the days before make what is usual for a symbol: about a month. */
const WINDOW_DAYS = 20;
/** With fewer days than this, or fewer bars a day, chance alone makes days with half of them. */
const LEAST_DAYS = 10;
const LEAST_USUAL_BARS = 60;
/** A day with less than this part of what is usual is worth a look. */
const FAR_FEWER = 0.5;

/**
 * What is usual for one symbol: the median number of bars over the last 20 days before, for a session as long as the
 * one in question. Days go in one after the other.
 */
export class UsualBars {
  /** Bars a minute of session of the last days, in the order of time (a ring) and of size. */
  readonly #recent = new Float64Array(WINDOW_DAYS);
  readonly #sorted = new Float64Array(WINDOW_DAYS);
  #days = 0;

  /** What is usual for a session of so many minutes if `bars` are far fewer than that; null if they are not. */
  farMoreUsual(bars: number, sessionMinutes: number): number | null {
    if (this.#days < LEAST_DAYS) return null;
    const count = Math.min(this.#days, WINDOW_DAYS);
    const middle = count >> 1;
    const upper = this.#sorted[middle] ?? 0;
    const median = count % 2 === 1 ? upper : (upper + (this.#sorted[middle - 1] ?? 0)) / 2;
    const usual = median * sessionMinutes;
    return usual >= LEAST_USUAL_BARS && bars < usual * FAR_FEWER ? Math.round(usual) : null;
  }

  add(bars: number, sessionMinutes: number): void {
    const rate = bars / sessionMinutes;
    const place = this.#days % WINDOW_DAYS;
    let count = Math.min(this.#days, WINDOW_DAYS);
    if (count === WINDOW_DAYS) {
      count--;
      let at = this.#sorted.indexOf(this.#recent[place] ?? 0);
      for (; at < count; at++) this.#sorted[at] = this.#sorted[at + 1] ?? 0;
    }
    let at = count;
    for (; at > 0 && (this.#sorted[at - 1] ?? 0) > rate; at--) this.#sorted[at] = this.#sorted[at - 1] ?? 0;
    this.#sorted[at] = rate;
    this.#recent[place] = rate;
    this.#days++;
  }
}
