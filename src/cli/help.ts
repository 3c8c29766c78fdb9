import { defineCommand, renderUsage, type CommandDef } from "citty";
import type { Command } from "./command.ts";
import type { FlagValues } from "./flags.ts";
import { COMMANDS } from "./registry.ts";

const PROGRAM = "massive-backfill";
const ABOUT =
  "Brings years of 1-minute bars from Massive.com (formerly Polygon.io) into a local SQLite cache and into Postgres, and keeps them complete.";

/** A command in citty's form. */
export function cittyCommand(command: Command, run: (flags: FlagValues) => Promise<number>): CommandDef {
  return defineCommand({
    meta: { name: command.name, description: command.summary },
    args: command.flags,
    run: ({ args }) => run(args),
  });
}

/** The help of one command, examples included. */
export async function commandHelp(command: Command): Promise<string> {
  const usage = await renderUsage(
    cittyCommand(command, async () => 0),
    { meta: { name: PROGRAM } },
  );
  const examples = command.examples.map((example) => `  ${PROGRAM} ${example}`).join("\n");
  return `${usage}\nEXAMPLES\n\n${examples}\n`;
}

/** The help of the program: every command in one line. */
export async function programHelp(version: string): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const lines = commands.map((command) => `  ${command.name.padEnd(10)} ${command.summary}`);
  return `${PROGRAM} ${version}: ${ABOUT}

USAGE  ${PROGRAM} <command> [flags]

COMMANDS

${lines.join("\n")}

EXAMPLES

  ${PROGRAM} demo                                  try it: no account, no network
  ${PROGRAM} hybrid --symbols=SPX,NDX --days=90    the main job
  ${PROGRAM} status                                what is there, what is missing

Every command explains itself: ${PROGRAM} <command> --help
`;
}
