import type { HelpTopic } from "../../core/help-topics.ts";
import { SETTINGS, type SettingDefinition } from "../../core/settings.ts";
import { definitions, heading, paragraph, type Look } from "./layout.ts";
import { TOPIC_PAGES } from "./topics.ts";

/** The page about one trouble; the one about settings lists them all. */
export function topicHelp(topic: HelpTopic, look: Look): string {
  const { title, seen, text, commands } = TOPIC_PAGES[topic];
  const parts = [heading(title, look) + "\n", paragraph(`You see: ${seen}.`, look)];
  parts.push(...text.map((one) => paragraph(one, look)));
  if (commands.length > 0) parts.push(commandList(commands, look));
  if (topic === "settings") parts.push(settingList(look));
  return parts.join("\n");
}

/** Commands below each other, so that each can be copied whole. */
function commandList(commands: readonly (readonly [command: string, does: string])[], look: Look): string {
  return commands.map(([command, does]) => `  ${command}\n${paragraph(does, look, 6)}`).join("");
}

function settingList(look: Look): string {
  const rows = Object.values<SettingDefinition>(SETTINGS).map((setting) => {
    const notes = [
      ...(setting.flag === undefined ? [] : [`--${setting.flag}`]),
      ...(setting.default === undefined ? [] : [`default ${setting.default}`]),
    ];
    const note = notes.length > 0 ? ` (${notes.join("; ")})` : "";
    return [setting.variable, `${setting.meaning}${note}`] as const;
  });
  return `${heading("SETTINGS", look)}\n\n${definitions(rows, look)}`;
}
