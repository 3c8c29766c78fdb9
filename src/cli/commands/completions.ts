import { completionScript, SHELLS } from "../completions/script.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { COMMANDS } from "../registry.ts";

export const completionsCommand: Command = {
  name: "completions",
  summary: "Print what makes the Tab key complete commands, flags and values in bash, zsh or fish",
  flags: {},
  operand: { name: "shell", values: SHELLS },
  examples: [
    "completions bash > ~/.local/share/bash-completion/completions/massive-backfill",
    "completions zsh > ~/.zfunc/_massive-backfill     (with fpath+=~/.zfunc before compinit in ~/.zshrc)",
    "completions fish > ~/.config/fish/completions/massive-backfill.fish",
  ],
  async run(flags, io) {
    const shell = SHELLS.find((name) => [flags["_"]].flat().includes(name));
    if (shell === undefined) throw new Error("the command line was not checked");
    const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
    io.terminal.out(completionScript(shell, commands));
    return EXIT_CODES.ok.code;
  },
};
