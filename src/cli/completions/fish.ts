import { HELP_TOPICS } from "../../core/help-topics.ts";
import { PROGRAM } from "../help/program.ts";
import type { CompletableCommand, CompletableFlag } from "./values.ts";

/** For fish. */
export function fishScript(commands: readonly CompletableCommand[]): string {
  const subjects = [...commands.map(({ name }) => name), ...HELP_TOPICS].join(" ");
  const lines = [
    `# Completion of ${PROGRAM} for fish, made by: ${PROGRAM} completions fish`,
    `complete -c ${PROGRAM} -f`,
    ...commands.map(({ name, summary }) => line("__fish_use_subcommand", `-a ${name} -d ${quoted(summary)}`)),
    line("__fish_use_subcommand", "-a help -d 'Help about a command or a trouble'"),
    line("__fish_use_subcommand", "-l help -d 'show help'"),
    line("__fish_use_subcommand", "-l version -d 'show the version'"),
    line("__fish_seen_subcommand_from help", `-a ${quoted(subjects)}`),
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines({ name, operands, flags }: CompletableCommand): string[] {
  const condition = `__fish_seen_subcommand_from ${name}`;
  return [
    ...(operands.length > 0 ? [line(condition, `-a ${quoted(operands.join(" "))}`)] : []),
    ...flags.map((flag) => line(condition, flagPart(flag))),
    line(condition, "-l help -d 'show help'"),
  ];
}

function flagPart({ name, alias, meaning, takesValue, value }: CompletableFlag): string {
  const short = alias === null ? "" : ` -s ${alias}`;
  return `-l ${name}${short}${takesValue ? ` -x${valuePart(value)}` : ""} -d ${quoted(meaning)}`;
}

function valuePart(value: CompletableFlag["value"]): string {
  if (value === "nothing") return "";
  if (value === "files") return " -a '(__fish_complete_path)'";
  if (value === "folders") return " -a '(__fish_complete_directories)'";
  return ` -a ${quoted(value.join(" "))}`;
}

function line(condition: string, rest: string): string {
  return `complete -c ${PROGRAM} -n '${condition}' ${rest}`;
}

/** In fish, single quotes keep everything but \\ and ' as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (mark) => `\\${mark}`)}'`;
}
