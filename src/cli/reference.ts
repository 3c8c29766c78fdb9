import { SETTINGS, type SettingDefinition } from "../core/settings.ts";
import { HELP_TOPICS } from "../core/help-topics.ts";
import type { Command } from "./command.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { usageLine } from "./help/command-help.ts";
import { flagTerm } from "./help/flag-term.ts";
import { PROGRAM } from "./help/program.ts";
import { TOPIC_PAGES } from "./help/topics.ts";

/** The README's parts that are made from the code, by the name of their markers. */
export function referenceSections(commands: readonly Command[]): Readonly<Record<string, string>> {
  return {
    commands: commandTable(commands),
    flags: commands.map(flagTable).join("\n"),
    settings: settingTable(),
    "exit codes": exitCodeTable(),
    troubleshooting: troubleshooting(),
  };
}

/**
 * Puts sections between their markers (`<!-- begin commands -->` … `<!-- end commands -->`).
 * @throws Error if a marker is missing.
 */
export function fillSections(readme: string, sections: Readonly<Record<string, string>>): string {
  let filled = readme;
  for (const [name, text] of Object.entries(sections)) {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the README has no markers for "${name}"`);
    filled = `${filled.slice(0, from)}${begin}\n${text}${filled.slice(to)}`;
  }
  return filled;
}

function commandTable(commands: readonly Command[]): string {
  return table(
    ["command", "does"],
    commands.map(({ name, summary }) => [`\`${name}\``, summary]),
  );
}

function flagTable(command: Command): string {
  const { name, summary, flags, examples } = command;
  const rows = Object.entries(flags).map(([flag, definition]) => [
    `\`${flagTerm(flag, definition)}\``,
    definition.description ?? "",
  ]);
  const shown = examples.map((example) => `${PROGRAM} ${example}`);
  const flagRows = rows.length > 0 ? `${table(["flag", "means"], rows)}\n` : "";
  return `#### ${name}\n\n${summary}: \`${usageLine(command)}\`.\n\n${flagRows}${shellBlock(shown)}`;
}

function troubleshooting(): string {
  return HELP_TOPICS.map((topic) => {
    const { title, seen, text, commands } = TOPIC_PAGES[topic];
    const width = Math.max(0, ...commands.map(([command]) => command.length));
    const lines = commands.map(([command, does]) => `${command.padEnd(width)}   # ${does}`);
    const block = lines.length > 0 ? `\n${shellBlock(lines)}` : "";
    return `### ${title}\n\n\`${PROGRAM} help ${topic}\`. You see: ${seen}.\n\n${text.join("\n\n")}\n${block}`;
  }).join("\n");
}

function shellBlock(lines: readonly string[]): string {
  return `\`\`\`sh\n${lines.join("\n")}\n\`\`\`\n`;
}

function settingTable(): string {
  const rows = Object.values<SettingDefinition>(SETTINGS).map((setting) => [
    `\`${setting.variable}\``,
    setting.flag === undefined ? "" : `\`--${setting.flag}\``,
    setting.default === undefined ? "" : `\`${setting.default}\``,
    setting.meaning,
  ]);
  return table(["variable", "flag", "default", "what it is"], rows);
}

function exitCodeTable(): string {
  return table(
    ["code", "means"],
    Object.values(EXIT_CODES).map(({ code, meaning }) => [String(code), meaning]),
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${tableRow(header)}|${header.map(() => "---|").join("")}\n${rows.map(tableRow).join("")}`;
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |\n`;
}
