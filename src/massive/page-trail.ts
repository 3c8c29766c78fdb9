import type { Bar } from "../core/bar.ts";

/** Ten million minutes, more than the history of any ticker: an answer with more pages never ends. */
const MAX_PAGES = 200;

/** Follows an answer over its pages and notices if they lead nowhere. */
export class PageTrail {
  readonly #urls = new Set<string>();
  /** The last minutes of the page before the present one, and of the present one. */
  #beforeMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /**
   * Goes on to the page at `url`, with its bars in time order. Returns what is wrong with it; null if nothing is. A
   * page without bars may still lead to one that has some, and the last page may hold nothing but the minute that the
   * one before it ended with.
   */
  follow(url: string, bars: readonly Bar[], isLast: boolean): string | null {
    this.#urls.add(url);
    this.#beforeMs = this.#lastMs;
    const [first, last] = [bars[0], bars.at(-1)];
    if (first !== undefined && last !== undefined) {
      const isRepeated = isLast && last.windowStartMs === this.#beforeMs;
      if (last.windowStartMs <= this.#beforeMs && !isRepeated)
        return "a page has nothing later than the one before it";
      if (first.windowStartMs < this.#beforeMs) return "its pages are not in the order of time";
      this.#lastMs = last.windowStartMs;
    }
    return null;
  }

  /** Why the page at `nextUrl` is not one to go on to; null if it is. */
  leadsAstray(nextUrl: string): string | null {
    if (this.#urls.has(nextUrl)) return "its next page is one that was read already";
    return this.#urls.size >= MAX_PAGES ? `it has more than ${MAX_PAGES} pages` : null;
  }

  /** The bars of the present page that are later than the page before it, which may end with the same minute. */
  withoutKnown(bars: readonly Bar[]): readonly Bar[] {
    return bars[0]?.windowStartMs === this.#beforeMs ? bars.slice(1) : bars;
  }
}
