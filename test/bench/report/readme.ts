import type { CaseResult, Finding, Results } from "../support/results.ts";
import { figure, target, verdict } from "./figures.ts";

const CHART = "docs/performance.svg";

/** The Performance section of the README: every target with what was measured, then the series behind it. */
export function performanceSection({ date, command, machine, cases }: Results): string {
  const { cpu, cores, memoryBytes, os, bun } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  return [
    `Measured on ${date} with \`${command}\` on ${cpu}, ${cores} cores, ${memory}, ${os}, Bun ${bun}: the compiled binary and its`,
    "peers in turn on the same generated files (an index day of 10,000 tickers × 390 minutes: 228 MB of text, 46 MB gzip),",
    "medians of several runs. `npx bun run bench` measures it on your machine.",
    "",
    `![Seconds of massive-backfill and of its peers](${CHART})`,
    "",
    table(["what", "target", "measured", ""], cases.flatMap(findingRows)),
    "<details><summary>All series, and how they were measured</summary>",
    "",
    table(["case", "who", "median", "from … to", "runs"], cases.flatMap(seriesRows)),
    ...cases.flatMap(remarkLines),
    "",
    "</details>",
    "",
  ].join("\n");
}

function findingRows({ title, findings, notRun }: CaseResult): string[][] {
  if (notRun !== null) return [[`**${title}**`, "", "", `not run: ${notRun}`]];
  return [[`**${title}**`, "", "", ""], ...findings.map(findingRow)];
}

function findingRow(finding: Finding): string[] {
  const { what, value, unit, note, reached } = finding;
  const word = reached === false ? `**${verdict(finding)}**` : verdict(finding);
  return [what, target(finding), figure(value, unit), note === null ? word : `${word}: ${note}`];
}

function seriesRows({ name, series }: CaseResult): string[][] {
  return series.map((one) => {
    const [least, most] = [Math.min(...one.samples), Math.max(...one.samples)];
    const spread = `${figure(least, one.unit)} … ${figure(most, one.unit)}`;
    return [`\`${name}\``, one.name, figure(one.median, one.unit), spread, String(one.samples.length)];
  });
}

function remarkLines({ name, remarks }: CaseResult): string[] {
  return remarks.map((remark) => `- \`${name}\`: ${remark}`);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return [`| ${header.join(" | ")} |`, `|${header.map(() => "---|").join("")}`, ...lines, ""].join("\n");
}
