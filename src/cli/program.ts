import { stripVTControlCharacters } from "node:util";
import { runCommand } from "citty";
import packageJson from "../../package.json" with { type: "json" };
import { BackfillError, errorText } from "../core/errors.ts";
import { checkArguments, nearestWord, normalizeArguments } from "./arguments.ts";
import type { Command, Io } from "./command.ts";
import { EXIT_CODES, exitCodeOfError } from "./exit-codes.ts";
import { cittyCommand, commandHelp, programHelp } from "./help.ts";
import { COMMANDS } from "./registry.ts";
import { SCHEMA_VERSION } from "./run.ts";

/** Runs a command line and returns its exit code: the one place where errors become words. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const args = normalizeArguments(argv);
  try {
    return await dispatch(args, io);
  } catch (error) {
    const shown = io.signal.aborted ? interrupted() : error;
    reportError(shown, args, io);
    return exitCodeOfError(shown);
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    io.terminal.out(await programHelp(packageJson.version));
    return EXIT_CODES.ok.code;
  }
  if (name === "--version" || name === "-v") {
    io.terminal.out(`${packageJson.version}\n`);
    return EXIT_CODES.ok.code;
  }
  const command = await findCommand(name);
  if (rest.includes("--help") || rest.includes("-h")) {
    const help = await commandHelp(command);
    io.terminal.out(io.terminal.colour ? help : stripVTControlCharacters(help));
    return EXIT_CODES.ok.code;
  }
  checkArguments(name, rest, command.flags);
  let code: number = EXIT_CODES.bug.code;
  const run = cittyCommand(command, async (flags) => (code = await command.run(flags, io)));
  await runCommand(run, { rawArgs: rest });
  return code;
}

async function findCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return load();
  const near = nearestWord(name, Object.keys(COMMANDS));
  throw new BackfillError({
    kind: "usage",
    operation: "read the command line",
    reason: `there is no command "${name}"`,
    nextStep: near === undefined ? "See massive-backfill --help." : `Did you mean ${near}?`,
  });
}

function interrupted(): BackfillError {
  return new BackfillError({
    kind: "interrupted",
    operation: "stopped on request",
    reason: "all finished days are kept",
    nextStep: "Run the same command again to go on.",
  });
}

function reportError(error: unknown, args: readonly string[], { terminal }: Io): void {
  const known = error instanceof BackfillError;
  const nextStep = known
    ? error.nextStep
    : "This is a bug. Please report it with the output of the same command with --verbose.";
  const stack = args.includes("--verbose") && error instanceof Error ? `\n${stackOf(error)}` : "";
  terminal.words.error(`${errorText(error)}\n  → ${nextStep}${stack}`);
  if (args.includes("--json") || args.includes("--json=true")) {
    const parts = known
      ? { kind: error.kind, operation: error.operation, reason: error.reason, nextStep }
      : { kind: "bug", operation: "run", reason: errorText(error), nextStep };
    const json = { schemaVersion: SCHEMA_VERSION, command: args[0] ?? null, error: parts };
    terminal.out(`${JSON.stringify(json, null, 2)}\n`);
  }
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
