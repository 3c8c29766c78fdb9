import type { Command } from "../command.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completableCommand } from "./values.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export type Shell = keyof typeof SCRIPTS;
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** The script that makes `shell` complete command lines of the program: words only, nothing is run. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return SCRIPTS[shell](commands.map(completableCommand));
}
