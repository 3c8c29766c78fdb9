import { HELP_TOPICS } from "../../core/help-topics.ts";
import { SETTINGS, type SettingDefinition } from "../../core/settings.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { usageLine } from "./command-help.ts";
import { flagTerm } from "./flag-term.ts";
import { ABOUT, PROGRAM } from "./program.ts";
import { TOPIC_PAGES } from "./topics.ts";

/** The manual page in the macros of man(7): all commands with their flags, settings, exit codes, troubles. */
export function manPage(commands: readonly Command[], version: string): string {
  return [
    `.TH ${PROGRAM.toUpperCase()} 1 "" "${roff(`${PROGRAM} ${version}`)}" "User Commands"\n`,
    `.SH NAME\n${roff(PROGRAM)} \\- ${roff(nameLine())}\n`,
    `.SH SYNOPSIS\n.B ${roff(PROGRAM)}\n.I command\n[flags]\n`,
    `.SH DESCRIPTION\n${roff(ABOUT)}\n`,
    `.SH COMMANDS\n${commands.map(commandPart).join("")}`,
    `.SH ENVIRONMENT\nRead from the environment, then from\n.I .env.local\nand\n.I .env\nin the working directory; flags win.\n${settingParts()}`,
    `.SH "EXIT STATUS"\n${Object.values(EXIT_CODES)
      .map(({ code, meaning }) => tagged(String(code), meaning))
      .join("")}`,
    `.SH TROUBLESHOOTING\n${HELP_TOPICS.map(topicPart).join("")}`,
  ].join("");
}

function nameLine(): string {
  return "bring 1-minute bars from Massive.com into SQLite and Postgres, and keep them complete";
}

function commandPart(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, definition]) =>
    tagged(flagTerm(name, definition), definition.description ?? ""),
  );
  const examples = command.examples.map((example) => `${PROGRAM} ${example}`);
  return `.SS "${roff(usageLine(command))}"\n${roff(command.summary)}.\n${flags.join("")}.PP\nExamples:\n${literal(examples)}`;
}

function settingParts(): string {
  return Object.values<SettingDefinition>(SETTINGS)
    .map((setting) => {
      const fallback = setting.default === undefined ? "" : ` (default ${setting.default})`;
      return tagged(setting.variable, setting.meaning + fallback);
    })
    .join("");
}

function topicPart(topic: (typeof HELP_TOPICS)[number]): string {
  const { title, seen, text, commands } = TOPIC_PAGES[topic];
  const paragraphs = [`You see: ${seen}.`, ...text].map((paragraph) => `.PP\n${roff(paragraph)}\n`);
  const helpful = commands.map(([command, does]) => tagged(command, does));
  return `.SS "${roff(title)} (${topic})"\n${paragraphs.join("")}${helpful.join("")}`;
}

function tagged(term: string, meaning: string): string {
  return `.TP\n\\fB${roff(term)}\\fR\n${roff(meaning)}\n`;
}

function literal(lines: readonly string[]): string {
  return `.PP\n.nf\n${lines.map((line) => `    ${roff(line)}\n`).join("")}.fi\n`;
}

/**
 * Text as roff takes it: backslashes and hyphens as themselves, `code` in bold, and no line that begins like a request.
 * https://man7.org/linux/man-pages/man7/groff_man_style.7.html
 */
function roff(text: string): string {
  const escaped = text
    .replaceAll("\\", String.raw`\e`)
    .replaceAll("-", String.raw`\-`)
    .replaceAll('"', String.raw`\(dq`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll(/`([^`]*)`/g, String.raw`\fB$1\fR`);
  return /^[.']/.test(escaped) ? String.raw`\&${escaped}` : escaped;
}
