import { HELP_TOPICS } from "../../core/help-topics.ts";
import { PROGRAM } from "../help/program.ts";
import type { CompletableCommand, CompletableFlag } from "./values.ts";

/** For zsh: a file `_massive-backfill` in a folder of `fpath`, or loaded with `source`. */
export function zshScript(commands: readonly CompletableCommand[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n");
  const subjects = [...commands.map(({ name }) => name), ...HELP_TOPICS].join(" ");
  return `#compdef ${PROGRAM}
# Completion of ${PROGRAM} for zsh, made by: ${PROGRAM} completions zsh
_massive_backfill() {
  local -a commands
  commands=(
${described}
    'help:Help about a command or a trouble'
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    _arguments '--help[show help]' '--version[show the version]'
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    help) _arguments '1:subject:(${subjects})' ;;
${commands.map(commandCase).join("\n")}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _massive_backfill "$@"; else compdef _massive_backfill ${PROGRAM}; fi
`;
}

function commandCase({ name, operands, flags }: CompletableCommand): string {
  const specs = [...flags.flatMap(flagSpecs), "'--help[show help]'"];
  if (operands.length > 0) specs.push(`'1:${name}:(${operands.join(" ")})'`);
  return `    ${name}) _arguments \\\n${specs.map((spec) => `      ${spec}`).join(" \\\n")} ;;`;
}

/** `--name=[meaning]:what:action`; brackets and colons of the meaning would be read as marks. */
function flagSpecs({ name, alias, meaning, takesValue, value }: CompletableFlag): string[] {
  const text = `[${meaning.replaceAll(/[[\]\\:]/g, (mark) => `\\${mark}`)}]`;
  const spec = takesValue ? `--${name}=${text}:${name}:${action(value)}` : `--${name}${text}`;
  return [quoted(spec), ...(alias === null ? [] : [quoted(`-${alias}${text}`)])];
}

function action(value: CompletableFlag["value"]): string {
  if (value === "nothing") return " ";
  if (value === "files") return "_files";
  if (value === "folders") return "_files -/";
  return `(${value.join(" ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
