import { HELP_TOPICS } from "../../core/help-topics.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { definitions, heading, paragraph, type Look } from "./layout.ts";
import { ABOUT, PROGRAM } from "./program.ts";

/** What to do first, for somebody who has nothing but the binary. */
const FIRST_STEPS = `  1. Try it, without an account and without network:
       ${PROGRAM} demo
  2. Put what the Massive dashboard shows you into a file .env.local here:
       MASSIVE_AWS_ACCESS_KEY=…     flat files: years of history
       MASSIVE_AWS_SECRET_KEY=…
       MASSIVE_API_KEY=…            REST API: the last days
       DATABASE_URL=postgres://user:password@host:5432/db    (optional)
  3. Look whether all of that works:
       ${PROGRAM} doctor
  4. The main job, and what came of it:
       ${PROGRAM} hybrid --symbols=SPX,NDX --days=90
       ${PROGRAM} status
`;

/** The help of the program: what it is, how to begin, every command in one line. */
export function programHelp(commands: readonly Command[], version: string, look: Look): string {
  const codes = Object.values(EXIT_CODES).map(({ code, meaning }) => [String(code), meaning] as const);
  return [
    paragraph(`${PROGRAM} ${version}: ${ABOUT}`, look),
    `${heading("USAGE", look)}  ${PROGRAM} <command> [flags]\n`,
    `${heading("FIRST STEPS", look)}\n\n${FIRST_STEPS}`,
    `${heading("COMMANDS", look)}\n\n${definitions(
      commands.map(({ name, summary }) => [name, summary] as const),
      look,
    )}`,
    `${heading("EXIT CODES", look)}\n\n${definitions(codes, look)}`,
    `${heading("HELP", look)}\n\n${definitions(
      [
        [`${PROGRAM} <command> --help`, "every flag of a command, with examples"],
        [`${PROGRAM} help settings`, "every setting"],
        [`${PROGRAM} help <trouble>`, HELP_TOPICS.join(", ")],
      ],
      look,
    )}`,
  ].join("\n");
}
