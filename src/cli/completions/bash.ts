import { HELP_TOPICS } from "../../core/help-topics.ts";
import { PROGRAM } from "../help/program.ts";
import type { CompletableCommand, CompletableFlag } from "./values.ts";

/** For bash from 3.2 on (that of macOS), without the package bash-completion. */
export function bashScript(commands: readonly CompletableCommand[]): string {
  const names = commands.map(({ name }) => name);
  return `# Completion of ${PROGRAM} for bash, made by: ${PROGRAM} completions bash
_massive_backfill() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" command="\${COMP_WORDS[1]}"
  # Bash takes "=" for a word of its own: --dataset=st is three of them.
  if [[ $current == "=" ]]; then
    current=""
    previous="\${COMP_WORDS[COMP_CWORD-1]}"
  elif [[ $COMP_CWORD -gt 1 && \${COMP_WORDS[COMP_CWORD-1]} == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  elif [[ $COMP_CWORD -gt 1 ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-1]}"
  fi
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${[...names, "help", "--help", "--version"].join(" ")}" -- "$current"))
    return
  fi
  case "$command $previous" in
${commands.flatMap(({ name, flags }) => flags.flatMap((flag) => valueCase(name, flag))).join("\n")}
  esac
  case "$command" in
    help) COMPREPLY=($(compgen -W "${[...names, ...HELP_TOPICS].join(" ")}" -- "$current")) ;;
${commands.map(commandCase).join("\n")}
  esac
  # What goes on after "=" needs no blank.
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _massive_backfill ${PROGRAM}
`;
}

function valueCase(command: string, { name, takesValue, value }: CompletableFlag): string[] {
  if (!takesValue) return [];
  return [`    "${command} --${name}") ${valueWords(value)}return ;;`];
}

function valueWords(value: CompletableFlag["value"]): string {
  if (value === "nothing") return "";
  if (value === "files" || value === "folders")
    return `COMPREPLY=($(compgen -${value === "files" ? "f" : "d"} -- "$current")); compopt -o filenames 2>/dev/null; `;
  return `COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$current")); `;
}

function commandCase({ name, operands, flags }: CompletableCommand): string {
  const words = [
    ...operands,
    ...flags.map((flag) => `--${flag.name}${flag.takesValue ? "=" : ""}`),
    "--help",
  ];
  return `    ${name}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")) ;;`;
}
