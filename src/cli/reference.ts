import { SETTINGS, type SettingDefinition } from "../core/settings.ts";
import type { Command } from "./command.ts";
import { EXIT_CODES } from "./exit-codes.ts";

/** The README's parts that are made from the code, by the name of their markers. */
export function referenceSections(commands: readonly Command[]): Readonly<Record<string, string>> {
  return {
    commands: commandTable(commands),
    flags: commands.map(flagTable).join("\n"),
    settings: settingTable(),
    "exit codes": exitCodeTable(),
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

function flagTable({ name, summary, flags, examples }: Command): string {
  const rows = Object.entries(flags).map(([flag, definition]) => {
    const hint = "valueHint" in definition && definition.valueHint ? `=${definition.valueHint}` : "";
    const alias =
      "alias" in definition && typeof definition.alias === "string" ? `, \`-${definition.alias}\`` : "";
    return [`\`--${flag}${hint}\`${alias}`, definition.description ?? ""];
  });
  const shown = examples.map((example) => `massive-backfill ${example}`).join("\n");
  return `#### ${name}\n\n${summary}.\n\n${table(["flag", "means"], rows)}\n\`\`\`sh\n${shown}\n\`\`\`\n`;
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
