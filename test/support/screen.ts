/** What a terminal shows at last. */
export interface Screen {
  /** Every line, those that scrolled away included, without blanks at the end; no empty lines at the end. */
  readonly lines: readonly string[];
  readonly cursorShown: boolean;
  readonly wraps: boolean;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const ESCAPE = "\u001B";
const CODE = new RegExp(`${ESCAPE}\\[(\\??)(\\d*)(?:;\\d*)*([A-Za-z])|[^${ESCAPE}]`, "gu");

/**
 * What a terminal of that size shows after `output`: text, line ends, colours and the codes that progress bars
 * use. Any other code is an error. Every character counts as one column.
 */
export function screenAfter(output: string, size: ScreenSize): Screen {
  const screen = new Emulation(size);
  let read = 0;
  for (const match of output.matchAll(CODE)) {
    if (match.index !== read) break;
    read += match[0].length;
    const [text, mode, number, final] = match;
    if (final === undefined) screen.put(text);
    else if (mode === "?") screen.setMode(Number(number), final === "h");
    else screen.control(final, number === "" || number === undefined ? null : Number(number));
  }
  if (read !== output.length) throw new Error(`no code that is known: ${JSON.stringify(output.slice(read))}`);
  return screen.result();
}

class Emulation {
  readonly #lines: string[][] = [[]];
  readonly #size: ScreenSize;
  #row = 0;
  #column = 0;
  #cursorShown = true;
  #wraps = true;

  constructor(size: ScreenSize) {
    this.#size = size;
  }

  put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#moveTo(this.#row + 1);
    else {
      if (this.#column === this.#size.columns) this.#endOfLine();
      const line = this.#line(this.#row);
      while (line.length < this.#column) line.push(" ");
      line[this.#column] = character;
      this.#column++;
    }
  }

  setMode(mode: number, on: boolean): void {
    if (mode === 25) this.#cursorShown = on;
    else if (mode === 7) this.#wraps = on;
    else throw new Error(`no mode that is known: ${mode}`);
  }

  control(final: string, number: number | null): void {
    if (final === "A") this.#moveTo(this.#row - (number ?? 1));
    else if (final === "B") this.#moveTo(this.#row + (number ?? 1));
    else if (final === "G") this.#column = (number ?? 1) - 1;
    else if (final === "K") this.#eraseInLine(number ?? 0);
    else if (final === "J" && (number ?? 0) === 0) this.#eraseBelow();
    else if (final !== "m") throw new Error(`no code that is known: ${number ?? ""}${final}`);
  }

  result(): Screen {
    const lines = this.#lines.map((line) => line.join("").trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return { lines, cursorShown: this.#cursorShown, wraps: this.#wraps };
  }

  #endOfLine(): void {
    this.#column = this.#wraps ? 0 : this.#size.columns - 1;
    if (this.#wraps) this.#moveTo(this.#row + 1);
  }

  /** The cursor stays among the rows that are on the screen: what scrolled away is out of reach. */
  #moveTo(row: number): void {
    const top = Math.max(0, this.#lines.length - this.#size.rows);
    this.#row = Math.max(top, row);
    this.#line(this.#row);
  }

  #line(row: number): string[] {
    while (this.#lines.length <= row) this.#lines.push([]);
    return this.#lines[row] ?? [];
  }

  #eraseInLine(part: number): void {
    const line = this.#line(this.#row);
    if (part === 0) line.length = Math.min(line.length, this.#column);
    else if (part === 2) line.length = 0;
    else throw new Error(`no part of a line that is known: ${part}`);
  }

  #eraseBelow(): void {
    this.#eraseInLine(0);
    for (const line of this.#lines.slice(this.#row + 1)) line.length = 0;
  }
}
