import { defineCommand, runCommand } from "citty";
import { BackfillError, errorText } from "../core/errors.ts";
import { checkArguments, nearestWord, normalizeArguments } from "./arguments.ts";
import type { Command, Io } from "./command.ts";
import { EXIT_CODES, exitCodeOfError } from "./exit-codes.ts";
import { commandHelp } from "./help/command-help.ts";
import { helpText } from "./help/help-command.ts";
import { COMMANDS } from "./registry.ts";
import { helpCall } from "./render/invocation.ts";
import { SCHEMA_VERSION } from "./run.ts";
import { stopped } from "./stopped.ts";
import { fullVersion } from "./version.ts";

/** Runs a command line and returns its exit code: the one place where errors become words. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const args = normalizeArguments(argv);
  try {
    return await dispatch(args, io);
  } catch (error) {
    const shown = io.signal.aborted && !isExplainedStop(error) ? interrupted() : error;
    reportError(shown, args, io);
    return exitCodeOfError(shown);
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const subject = rest.find((word) => !word.startsWith("-"));
    io.terminal.out(await helpText(subject, io.terminal));
    return EXIT_CODES.ok.code;
  }
  if (name === "--version" || name === "-v") {
    io.terminal.out(`${fullVersion()}\n`);
    return EXIT_CODES.ok.code;
  }
  const command = await findCommand(name);
  if (rest.includes("--help") || rest.includes("-h")) {
    io.terminal.out(commandHelp(command, io.terminal));
    return EXIT_CODES.ok.code;
  }
  checkArguments(name, rest, command);
  let code: number = EXIT_CODES.bug.code;
  const run = defineCommand({
    args: command.flags,
    run: async ({ args: flags }) => (code = await command.run(flags, io)),
  });
  await runCommand(run, { rawArgs: [...rest] });
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

/** Whether a command has its own words for what is there when it was stopped. */
function isExplainedStop(error: unknown): boolean {
  return error instanceof BackfillError && error.kind === "interrupted";
}

function interrupted(): BackfillError {
  return stopped("all finished days are kept", "Run the same command again to go on.");
}

function reportError(error: unknown, args: readonly string[], { terminal }: Io): void {
  const known = error instanceof BackfillError;
  const nextStep = known
    ? error.nextStep
    : "This is a bug. Please report it with the output of the same command with --verbose.";
  const help = known ? error.help : "bug";
  const stack = args.includes("--verbose") && error instanceof Error ? `\n${stackOf(error)}` : "";
  terminal.words.error(`${errorText(error)}\n  → ${nextStep}\n  More: ${helpCall(help)}${stack}`);
  if (args.includes("--json") || args.includes("--json=true")) {
    const parts = known
      ? { kind: error.kind, operation: error.operation, reason: error.reason, nextStep, help }
      : { kind: "bug", operation: "run", reason: errorText(error), nextStep, help };
    const json = { schemaVersion: SCHEMA_VERSION, command: args[0] ?? null, error: parts };
    terminal.out(`${JSON.stringify(json, null, 2)}\n`);
  }
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
