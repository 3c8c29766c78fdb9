import { createConsola, type ConsolaInstance } from "consola";
import { createConsola as createPlainConsola } from "consola/basic";
import { plainText } from "./plain-text.ts";
import type { ProcessStreams } from "./streams.ts";

/** The width that is drawn for where nobody says one. */
export const DEFAULT_COLUMNS = 80;

/** Where a command writes: data to stdout, words to stderr. */
export interface Terminal {
  /** Writes data or a summary; what is drawn on the screen is taken off before. */
  out(text: string): void;
  /** Progress and messages. */
  readonly words: ConsolaInstance;
  /** Whether stderr is a terminal: progress may move the cursor. */
  readonly interactive: boolean;
  /** Whether stdout shows colours: a terminal that is not dumb, and NO_COLOR unset. */
  readonly colour: boolean;
  /** Columns of stdout; `DEFAULT_COLUMNS` off a terminal. */
  readonly columns: number;
  /** What is drawn on the screen and redrawn in place; whoever draws sets it. */
  drawing?: { close(): void };
}

/** The terminal of this process. */
export function processTerminal({ write }: Pick<ProcessStreams, "write">): Terminal {
  const noColour = process.env["NO_COLOR"] !== undefined && process.env["NO_COLOR"] !== "";
  const isDumb = process.env["TERM"] === "dumb";
  const interactive = process.stderr.isTTY && !isDumb;
  const terminal: Terminal = {
    out(text) {
      terminal.drawing?.close();
      write(plainText(text, { keepsStyles: terminal.colour }));
    },
    words: shownPlainly(
      (interactive ? createConsola : createPlainConsola)({
        stdout: process.stderr,
        stderr: process.stderr,
        // The same line twice is news here: two files of one kind failed.
        throttle: 0,
        formatOptions: { date: false, colors: interactive && !noColour },
      }),
    ),
    interactive,
    colour: process.stdout.isTTY && !noColour && !isDumb,
    columns: process.stdout.columns || DEFAULT_COLUMNS,
  };
  return terminal;
}

/** Lets messages through as plain text, before they get colours. */
function shownPlainly(words: ConsolaInstance): ConsolaInstance {
  words.options.reporters = words.options.reporters.map((reporter) => ({
    log: (message, context) => {
      const args = message.args.map((arg: unknown) => (typeof arg === "string" ? plainText(arg) : arg));
      return reporter.log({ ...message, args }, context);
    },
  }));
  return words;
}
