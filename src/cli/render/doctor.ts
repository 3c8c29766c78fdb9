import { styleText } from "node:util";
import { plural } from "../../core/format.ts";
import type { Section } from "../../workflows/doctor/doctor.ts";
import type { Finding, State } from "../../workflows/doctor/findings.ts";
import type { ShownSetting } from "../doctor-settings.ts";
import { paragraph, type Look } from "../help/layout.ts";
import { helpCall } from "./invocation.ts";

const MARKS = { green: "✔", yellow: "!", red: "✖", skipped: "·" } as const satisfies Record<State, string>;
const COLOURS = { green: "green", yellow: "yellow", red: "red", skipped: "dim" } as const;
const TEXT_INDENT = 4;
const FIX_INDENT = 6;

/** What the doctor found, section by section, and a verdict. */
export function doctorText(
  sections: readonly Section[],
  settings: readonly ShownSetting[],
  version: string,
  look: Look,
): string {
  const set = settings.filter(({ origin }) => origin !== null && origin !== "default");
  const width = Math.max(0, ...set.map(({ name }) => name.length));
  const lines = set.map(({ name, value, origin }) => `    ${name.padEnd(width)}  ${value} (${origin})\n`);
  const parts = sections.map(({ title, findings }) => {
    const shown = title === "Settings" ? lines.join("") : "";
    return `${title}\n${shown}${findings.map((finding) => findingText(finding, look)).join("")}`;
  });
  return `massive-backfill ${version}\n\n${parts.join("\n")}\n${verdict(sections)}\n`;
}

function findingText({ name, state, found, fix, help }: Finding, look: Look): string {
  const mark = look.colour
    ? styleText(COLOURS[state], MARKS[state], { validateStream: false })
    : MARKS[state];
  const text = paragraph(`${name}: ${found}`, look, TEXT_INDENT).trimStart();
  const mend = fix === null ? "" : paragraph(`→ ${fix}`, look, FIX_INDENT);
  const more = help === null ? "" : `${" ".repeat(FIX_INDENT + 2)}More: ${helpCall(help)}\n`;
  return `  ${mark} ${text}${mend}${more}`;
}

function verdict(sections: readonly Section[]): string {
  const count = (state: State) =>
    sections.reduce((sum, { findings }) => sum + findings.filter((one) => one.state === state).length, 0);
  const [reds, yellows] = [count("red"), count("yellow")];
  if (reds === 0 && yellows === 0) return "All is well.";
  return [
    ...(reds > 0 ? [`${plural(reds, "thing")} to mend (✖)`] : []),
    ...(yellows > 0 ? [`${plural(yellows, "thing")} to look at (!)`] : []),
  ].join(", ");
}
