import type { CaseResult } from "../support/results.ts";
import { figure, target, verdict } from "./figures.ts";

/** A case for the terminal: its series with median, best and number of runs, then its targets. */
export function caseText({ name, title, series, findings, remarks, notRun }: CaseResult): string {
  const head = `${name}: ${title}\n`;
  if (notRun !== null) return `${head}  not run: ${notRun}\n`;
  const width = Math.max(
    ...[...series.map((one) => one.name), ...findings.map((one) => one.what)].map(length),
  );
  const measured = series.map(
    (one) =>
      `  ${one.name.padEnd(width)}  ${figure(one.median, one.unit).padStart(16)}  (${figure(Math.min(...one.samples), one.unit)} to ${figure(Math.max(...one.samples), one.unit)}, ${one.samples.length} runs)\n`,
  );
  const judged = findings.map(
    (one) =>
      `  ${one.what.padEnd(width)}  ${figure(one.value, one.unit).padStart(16)}  target ${target(one)}: ${verdict(one)}${one.note === null ? "" : ` (${one.note})`}\n`,
  );
  return [head, ...measured, ...judged, ...remarks.map((remark) => `  ${remark}\n`)].join("");
}

function length(text: string): number {
  return text.length;
}
