import { BackfillError } from "../../core/errors.ts";
import { HELP_TOPICS, type HelpTopic } from "../../core/help-topics.ts";
import { nearestWord } from "../arguments.ts";
import { COMMANDS } from "../registry.ts";
import { fullVersion } from "../version.ts";
import { commandHelp } from "./command-help.ts";
import type { Look } from "./layout.ts";
import { programHelp } from "./program-help.ts";
import { PROGRAM } from "./program.ts";
import { topicHelp } from "./topic-help.ts";

/**
 * The help about `subject`: a command, a trouble, or the program if there is none.
 * @throws BackfillError (usage) for a subject that there is no help about.
 */
export async function helpText(subject: string | undefined, look: Look): Promise<string> {
  if (subject === undefined) {
    const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
    return programHelp(commands, fullVersion(), look);
  }
  const load = Object.hasOwn(COMMANDS, subject) ? COMMANDS[subject] : undefined;
  if (load !== undefined) return commandHelp(await load(), look);
  if (isTopic(subject)) return topicHelp(subject, look);
  const near = nearestWord(subject, [...Object.keys(COMMANDS), ...HELP_TOPICS]);
  throw new BackfillError({
    kind: "usage",
    operation: "show help",
    reason: `there is none about "${subject}"`,
    nextStep: near === undefined ? `See ${PROGRAM} --help.` : `Did you mean ${near}?`,
  });
}

function isTopic(text: string): text is HelpTopic {
  return HELP_TOPICS.some((topic) => topic === text);
}
