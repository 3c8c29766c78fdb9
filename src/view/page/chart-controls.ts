import type { Overview } from "./answers.ts";
import { element } from "./elements.ts";

/** What a reader asks for; `auto` is the timeframe that suits the range. */
export interface Question {
  readonly symbol: string;
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
}

/** What the controls can be used for. */
export interface ChartActs {
  /** Asks for what the controls say; one that is still being typed takes the place of the last. */
  readonly ask: (question: Question, how: "next" | "instead") => void;
  /** The day before (-1) or after (1). */
  readonly step: (direction: number) => void;
  /** The last days that there are. */
  readonly last: (days: number) => void;
}

export const AUTO = "auto";

const RANGES = [
  ["Day", 0],
  ["Week", 7],
  ["Month", 30],
  ["Year", 365],
  ["5 years", 1826],
] as const;

/** Symbol, timeframe and days of a chart. */
export class ChartControls {
  readonly form: HTMLFormElement;
  readonly #acts: ChartActs;
  readonly #symbol = element("input", {
    attributes: { list: "symbols", name: "symbol", autocomplete: "off", autocapitalize: "characters" },
  });
  readonly #names = element("datalist", { attributes: { id: "symbols" } });
  readonly #timeframe: HTMLSelectElement;
  readonly #from = element("input", { attributes: { type: "date", name: "from" } });
  readonly #to = element("input", { attributes: { type: "date", name: "to" } });
  /** A symbol that is being typed is left alone by what comes in meanwhile. */
  #isTyping = false;
  /** The symbol that is shown or was asked for. */
  #said = "";

  constructor(timeframes: readonly string[], acts: ChartActs) {
    this.#acts = acts;
    this.#timeframe = element("select", {
      attributes: { name: "timeframe" },
      children: [AUTO, ...timeframes].map((name) => element("option", { text: name })),
    });
    this.form = element("form", {
      class: "controls",
      children: [
        element("label", { children: ["Symbol", this.#symbol] }),
        element("label", { children: ["Timeframe", this.#timeframe] }),
        element("label", { children: ["From", this.#from] }),
        element("label", { children: ["To", this.#to] }),
        button("◀", "The day before", () => acts.step(-1)),
        button("▶", "The day after", () => acts.step(1)),
        ...RANGES.map(([name, days]) =>
          button(name, `The last ${name.toLowerCase()}`, () => acts.last(days)),
        ),
        this.#names,
      ],
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.#symbol.addEventListener("input", () => (this.#isTyping = true));
    this.#symbol.addEventListener("change", () => {
      this.#isTyping = false;
      if (this.#symbol.value.trim() !== "") acts.ask(this.question, "next");
    });
    // What was typed and taken back is no change.
    this.#symbol.addEventListener("blur", () => {
      this.#isTyping = false;
      this.#symbol.value = this.question.symbol;
    });
    this.#timeframe.addEventListener("change", () => acts.ask(this.question, "next"));
    this.#from.addEventListener("change", () => this.#dated(this.#from, this.#to));
    this.#to.addEventListener("change", () => this.#dated(this.#to, this.#from));
  }

  get question(): Question {
    const typed = this.#symbol.value.trim();
    return {
      symbol: typed === "" ? this.#said : typed,
      timeframe: this.#timeframe.value,
      from: this.#from.value,
      to: this.#to.value,
    };
  }

  /** Says what is shown or was asked for. */
  say({ symbol, timeframe, from, to }: Question): void {
    this.#said = symbol;
    if (!this.#isTyping) this.#symbol.value = symbol;
    this.#timeframe.value = timeframe;
    if (!isBeingTyped(this.#from)) this.#from.value = from;
    if (!isBeingTyped(this.#to)) this.#to.value = to;
  }

  /** The symbols that can be chosen from. */
  offer(symbols: Overview["symbols"]): void {
    if (symbols.length === this.#names.childElementCount) return;
    const options = symbols.map(({ symbol }) => element("option", { attributes: { value: symbol } }));
    this.#names.replaceChildren(...options);
  }

  /** A day was chosen, or typed up to now: browsers tell of every digit. One beyond the other takes that along. */
  #dated(changed: HTMLInputElement, other: HTMLInputElement): void {
    if (changed.value < FIRST_YEAR) return;
    if (other.value === "" || this.#from.value > this.#to.value) other.value = changed.value;
    this.#acts.ask(this.question, "instead");
  }
}

/** Years of which the last digits are still to be typed are before it. */
const FIRST_YEAR = "1970";

/** Whether a date has the focus and is no whole one yet: what comes in meanwhile leaves it alone. */
function isBeingTyped(field: HTMLInputElement): boolean {
  return document.activeElement === field && field.value < FIRST_YEAR;
}

function button(text: string, title: string, act: () => void): HTMLButtonElement {
  const made = element("button", { text, attributes: { type: "button", title, "aria-label": title } });
  made.addEventListener("click", act);
  return made;
}
