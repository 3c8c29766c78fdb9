import type { Command } from "../command.ts";
import { flagTerm } from "./flag-term.ts";
import { definitions, heading, paragraph, type Look } from "./layout.ts";
import { PROGRAM } from "./program.ts";

/** The help of one command: what it does, its flags, examples. */
export function commandHelp(command: Command, look: Look): string {
  const { name, summary, flags, examples } = command;
  const rows = Object.entries(flags).map(
    ([flag, definition]) => [flagTerm(flag, definition), definition.description ?? ""] as const,
  );
  return [
    paragraph(`${PROGRAM} ${name}: ${summary}.`, look),
    `${heading("USAGE", look)}  ${usageLine(command)}\n`,
    ...(rows.length > 0 ? [`${heading("FLAGS", look)}\n\n${definitions(rows, look)}`] : []),
    `${heading("EXAMPLES", look)}\n\n${examples.map((example) => `  ${PROGRAM} ${example}\n`).join("")}`,
    `Keys and other settings: ${PROGRAM} help settings\n`,
  ].join("\n");
}

/** How a command is called. */
export function usageLine({ name, flags, operand }: Pick<Command, "name" | "flags" | "operand">): string {
  const words = [PROGRAM, name];
  if (operand !== undefined) words.push(operand.values?.join("|") ?? operand.name.toUpperCase());
  if (Object.keys(flags).length > 0) words.push("[flags]");
  return words.join(" ");
}
