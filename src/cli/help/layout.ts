import { styleText } from "node:util";

/** How a help text is set: how wide the terminal is, and whether it shows colours. */
export interface Look {
  readonly columns: number;
  readonly colour: boolean;
}

const MIN_COLUMNS = 40;
const MAX_COLUMNS = 100;
const GAP_COLUMNS = 2;

/** A heading that stands out. */
export function heading(text: string, { colour }: Look): string {
  return colour ? styleText("bold", text, { validateStream: false }) : text;
}

/** A paragraph as wide as the terminal, each line after `indent` blanks. */
export function paragraph(text: string, { columns }: Look, indent = 0): string {
  const blanks = " ".repeat(indent);
  return wrapped(text, textColumns(columns) - indent)
    .map((line) => `${blanks}${line}\n`)
    .join("");
}

/** Two columns: what is explained on the left, its explanation on the right or, where there is no room, below. */
export function definitions(rows: readonly (readonly [term: string, meaning: string])[], look: Look): string {
  const width = textColumns(look.columns);
  const most = Math.floor(width / 3);
  const left = Math.max(0, ...rows.map(([term]) => term.length).filter((length) => length <= most));
  const meaningIndent = GAP_COLUMNS + left + GAP_COLUMNS;
  return rows
    .map(([term, meaning]) => {
      const lines = wrapped(meaning, width - meaningIndent).map((line) => " ".repeat(meaningIndent) + line);
      if (term.length <= left && lines[0] !== undefined)
        lines[0] = `${" ".repeat(GAP_COLUMNS)}${term}`.padEnd(meaningIndent) + lines[0].trimStart();
      else lines.unshift(`${" ".repeat(GAP_COLUMNS)}${term}`);
      return lines.map((line) => `${line.trimEnd()}\n`).join("");
    })
    .join("");
}

function textColumns(columns: number): number {
  return Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS) - 1;
}

function wrapped(text: string, columns: number): string[] {
  return Bun.wrapAnsi(text, columns, { hard: false, wordWrap: true }).split("\n");
}
