import type { CoverageDay } from "./answers.ts";
import { addMonths } from "./chart-range.ts";
import { colour } from "./colours.ts";
import { dayWords, drawDay, drawUnsynced, lookOf } from "./day-looks.ts";
import { element, hideTip, showTip, tell } from "./elements.ts";

const ROW_PIXELS = 18;
const CELL_PIXELS = 14;
/** Room for the frame around the first and the last day. */
const MARGIN_PIXELS = 4;
const HEAD_PIXELS = 18;
const DAYS_OF_YEAR = 366;
const LEAST_DAY_PIXELS = 3;
const DAY_MS = 86_400_000;
const MONTHS_OF_KEY: Readonly<Record<string, number>> = {
  PageUp: -1,
  PageDown: 1,
  ArrowUp: -12,
  ArrowDown: 12,
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** How high the calendar of so many years is. */
export function calendarHeight(from: string, to: string): number {
  return HEAD_PIXELS + (Number(to.slice(0, 4)) - Number(from.slice(0, 4)) + 1) * ROW_PIXELS;
}

/** What a calendar shows. */
export interface CalendarDays {
  readonly symbol: string;
  readonly days: readonly CoverageDay[];
  /** The database that `synced` is told of; null if there is none. */
  readonly target: string | null;
}

/**
 * The days of one symbol, a year a row, drawn on a canvas. The arrow keys move from day to day, which is told to screen
 * readers; Enter or a click opens the chart of the day.
 */
export class Calendar {
  readonly root: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  /** The part that is scrolled where a year does not fit; the names of the years stay beside it. */
  readonly #scroller: HTMLElement;
  readonly #years = element("div", { class: "years", attributes: { "aria-hidden": "true" } });
  #shown: CalendarDays;
  #at: number | null = null;
  #dayPixels = LEAST_DAY_PIXELS;
  readonly #open: (date: string) => void;

  constructor(shown: CalendarDays, open: (date: string) => void) {
    this.#shown = shown;
    this.#open = open;
    this.#canvas = element("canvas", {
      attributes: {
        tabindex: "0",
        role: "application",
        "aria-label": `Calendar of ${shown.symbol}: arrow keys go from day to day, Page Up and Page Down by months, Enter opens the chart`,
      },
    });
    this.#scroller = element("div", { class: "days", children: [this.#canvas] });
    this.root = element("div", { class: "calendar", children: [this.#years, this.#scroller] });
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    // A finger or a pointer says itself which day it means: nothing may move beneath it.
    this.#canvas.addEventListener("focus", () => {
      if (this.#canvas.matches(":focus-visible")) this.#go(this.#at ?? this.#lastWithBars());
    });
    this.#canvas.addEventListener("blur", () => this.#leave());
    this.#canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.#canvas.addEventListener("pointerleave", () => hideTip());
    this.#canvas.addEventListener("click", (event) => {
      const index = this.#indexAt(event);
      const day = this.#shown.days[index ?? -1];
      if (day === undefined) return;
      this.#at = index;
      this.#open(day.date);
    });
  }

  /** Shows other days of the symbol; the cursor stays. */
  show(shown: CalendarDays): void {
    const date = this.#shown.days[this.#at ?? -1]?.date;
    const at = shown.days.findIndex((day) => day.date === date);
    this.#at = at < 0 ? null : at;
    this.#shown = shown;
    this.draw();
  }

  /** Draws it as wide as its place is. */
  draw(): void {
    const { days } = this.#shown;
    this.#nameYears();
    const room = this.#scroller.clientWidth - 2 * MARGIN_PIXELS;
    this.#dayPixels = Math.max(LEAST_DAY_PIXELS, Math.floor(room / DAYS_OF_YEAR));
    const width = 2 * MARGIN_PIXELS + DAYS_OF_YEAR * this.#dayPixels;
    const height = calendarHeight(days[0]?.date ?? "2000", days.at(-1)?.date ?? "2000");
    const ratio = devicePixelRatio;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const pen = this.#canvas.getContext("2d");
    if (pen === null) return;
    pen.scale(ratio, ratio);
    pen.font = "11px system-ui, sans-serif";
    this.#drawMonths(pen);
    this.#drawDays(pen);
    if (this.#at !== null && document.activeElement === this.#canvas) this.#drawCursor(pen, this.#at);
  }

  /** Gives the memory of its picture back while nobody sees it. */
  release(): void {
    this.#canvas.width = 0;
  }

  /** Where it does not fit, the last days are what is looked for first. */
  scrollToLast(): void {
    const [x] = this.#placeOf(this.#lastWithBars());
    this.#scroller.scrollLeft = x - this.#scroller.clientWidth / 2;
  }

  #nameYears(): void {
    const { days } = this.#shown;
    const [first, last] = [yearOf(days[0]?.date), yearOf(days.at(-1)?.date)];
    if (this.#years.childElementCount === last - first + 1) return;
    const years = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
    this.#years.replaceChildren(...years.map((text) => element("div", { text })));
  }

  #drawMonths(pen: CanvasRenderingContext2D): void {
    pen.fillStyle = colour("quiet");
    for (const [month, name] of MONTHS.entries())
      pen.fillText(name, this.#x(Date.UTC(2024, month, 1), 2024), 12);
  }

  #drawDays(pen: CanvasRenderingContext2D): void {
    const { days, target } = this.#shown;
    const colours = new Map<string, string>();
    const unsynced = colour("unsynced");
    const gap = this.#dayPixels > LEAST_DAY_PIXELS ? 1 : 0;
    for (let index = 0; index < days.length; index++) {
      const day = days[index];
      if (day === undefined) continue;
      const look = lookOf(day);
      const known = colours.get(look) ?? colour(look);
      colours.set(look, known);
      const [x, y] = this.#placeOf(index);
      const isOfApi = day.source === "api" && day.bars > 0;
      drawDay(pen, look, known, [x, y, this.#dayPixels - gap, CELL_PIXELS], isOfApi);
      if (target === null || day.synced || day.bars === 0) continue;
      drawUnsynced(pen, unsynced, [x, y, this.#dayPixels - gap]);
    }
  }

  #drawCursor(pen: CanvasRenderingContext2D, index: number): void {
    const [x, y] = this.#placeOf(index);
    pen.strokeStyle = colour("ink");
    pen.lineWidth = 2;
    pen.strokeRect(x - 2, y - 2, this.#dayPixels + 4, CELL_PIXELS + 4);
  }

  #placeOf(index: number): readonly [number, number] {
    const { days } = this.#shown;
    const date = days[index]?.date ?? "";
    const year = yearOf(date);
    return [this.#x(Date.parse(date), year), HEAD_PIXELS + (year - yearOf(days[0]?.date)) * ROW_PIXELS];
  }

  #x(dayMs: number, year: number): number {
    return MARGIN_PIXELS + ((dayMs - Date.UTC(year, 0, 1)) / DAY_MS) * this.#dayPixels;
  }

  /** The day under the pointer; null where there is none. */
  #indexAt(event: PointerEvent | MouseEvent): number | null {
    const { days } = this.#shown;
    const box = this.#canvas.getBoundingClientRect();
    const first = days[0]?.date;
    const year = yearOf(first) + Math.floor((event.clientY - box.top - HEAD_PIXELS) / ROW_PIXELS);
    const dayOfYear = Math.floor((event.clientX - box.left - MARGIN_PIXELS) / this.#dayPixels);
    if (first === undefined || dayOfYear < 0 || dayOfYear >= DAYS_OF_YEAR) return null;
    const index = (Date.UTC(year, 0, 1) - Date.parse(first)) / DAY_MS + dayOfYear;
    // Most years have no 366th day.
    return days[index]?.date.startsWith(String(year)) === true ? index : null;
  }

  #hover(event: PointerEvent): void {
    const day = this.#shown.days[this.#indexAt(event) ?? -1];
    if (day === undefined) hideTip();
    else showTip(dayWords(day, this.#shown.target !== null), event.clientX, event.clientY);
  }

  #key(event: KeyboardEvent): void {
    // Those are the browser's own.
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#at ?? this.#lastWithBars();
    if (event.key === "Enter") {
      const day = this.#shown.days[at];
      if (day !== undefined) this.#open(day.date);
      return;
    }
    const target = this.#targetOf(event.key, at);
    if (target === null) return;
    event.preventDefault();
    this.#go(target);
  }

  #targetOf(key: string, at: number): number | null {
    const { days } = this.#shown;
    if (key === "Home") return 0;
    if (key === "End") return days.length - 1;
    const date = days[at]?.date;
    const months = MONTHS_OF_KEY[key];
    if (date !== undefined && months !== undefined)
      return at + (Date.parse(addMonths(date, months)) - Date.parse(date)) / DAY_MS;
    if (key === "ArrowLeft" || key === "ArrowRight") return at + (key === "ArrowLeft" ? -1 : 1);
    return null;
  }

  #go(to: number): void {
    const { days, target } = this.#shown;
    const index = Math.max(0, Math.min(days.length - 1, to));
    const day = days[index];
    if (day === undefined) return;
    this.#at = index;
    this.draw();
    const words = dayWords(day, target !== null);
    tell(words);
    const [x, y] = this.#placeOf(index);
    const { scrollLeft, clientWidth } = this.#scroller;
    if (x < scrollLeft || x > scrollLeft + clientWidth - 20) this.#scroller.scrollLeft = x - clientWidth / 2;
    const box = this.#canvas.getBoundingClientRect();
    showTip(words, box.left + x, box.top + y);
  }

  #leave(): void {
    hideTip();
    this.draw();
  }

  #lastWithBars(): number {
    return Math.max(
      0,
      this.#shown.days.findLastIndex(({ bars }) => bars > 0),
    );
  }
}

function yearOf(date: string | undefined): number {
  return Number((date ?? "2000").slice(0, 4));
}
