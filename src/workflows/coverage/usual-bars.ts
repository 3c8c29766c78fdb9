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
  /** Bars a minute of session of the last days: a ring. */
  readonly #recent = new Float64Array(WINDOW_DAYS);
  #days = 0;

  /** What is usual for a session of so many minutes if `bars` are far fewer than that; null if they are not. */
  farMoreUsual(bars: number, sessionMinutes: number): number | null {
    if (this.#days < LEAST_DAYS) return null;
    // The median is at most the most: nearly every day is done with here, without putting twenty in order.
    if (bars >= this.#most() * sessionMinutes * FAR_FEWER) return null;
    const usual = this.#median() * sessionMinutes;
    return usual >= LEAST_USUAL_BARS && bars < usual * FAR_FEWER ? Math.round(usual) : null;
  }

  add(bars: number, sessionMinutes: number): void {
    this.#recent[this.#days % WINDOW_DAYS] = bars / sessionMinutes;
    this.#days++;
  }

  #count(): number {
    return Math.min(this.#days, WINDOW_DAYS);
  }

  #most(): number {
    let most = 0;
    for (let at = 0; at < this.#count(); at++) most = Math.max(most, this.#recent[at] ?? 0);
    return most;
  }

  #median(): number {
    const sorted = this.#recent.slice(0, this.#count()).toSorted();
    const middle = sorted.length >> 1;
    const upper = sorted[middle] ?? 0;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
  }
}
