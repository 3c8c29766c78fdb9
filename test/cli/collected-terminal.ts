import { createConsola } from "consola/basic";
import type { Io } from "../../src/cli/command.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

/** A terminal that keeps what is written to it. */
export interface CollectedTerminal extends Terminal {
  /** All that was written to stdout. */
  readonly written: () => string;
  /** Each message with its type: `error it is broken`. */
  readonly messages: string[];
}

/** A terminal as a pipe is: no colours, no cursor. */
export function collectedTerminal(): CollectedTerminal {
  let text = "";
  const messages: string[] = [];
  return {
    out: (more) => {
      text += more;
    },
    words: createConsola({
      level: 3,
      throttle: 0,
      reporters: [{ log: ({ type, args }) => messages.push(`${type} ${args.join(" ")}`) }],
    }),
    interactive: false,
    colour: false,
    columns: 80,
    written: () => text,
    messages,
  };
}

/** Sunday, 24 November 2024, noon in New York. */
export const SUNDAY_NOON_MS = Date.parse("2024-11-24T12:00:00-05:00");

/** What a command works with, on a terminal that is kept. */
export function collectedIo(
  signal = new AbortController().signal,
): Io & { readonly terminal: CollectedTerminal } {
  return { terminal: collectedTerminal(), signal, clockMs: SUNDAY_NOON_MS };
}
