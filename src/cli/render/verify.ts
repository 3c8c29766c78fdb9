import { formatCount, formatDuration, plural } from "../../core/format.ts";
import { FAULT_KINDS, type FaultKind } from "../../workflows/verify/fault-kinds.ts";
import type { CheckName, CheckResult, Fault } from "../../workflows/verify/findings.ts";
import type { Again } from "./invocation.ts";

export interface VerifyView {
  readonly dataDir: string;
  readonly durationMs: number;
  readonly again: Again;
  /** Whether what Postgres has otherwise was made unsynced. */
  readonly repaired: boolean;
}

const TITLES: Readonly<Record<CheckName, string>> = {
  cache: "The cache in itself",
  files: "The kept flat files against the cache",
  target: "Postgres against the cache",
  source: "The vendor's day bars against the minutes",
  api: "The API's bars against those of the flat files",
};

const MAX_SHOWN = 10;

/** What the checks looked at and found, as text: a section for each, its faults by kind with what mends them. */
export function verifyText(results: readonly CheckResult[], view: VerifyView): string {
  const faults = results.reduce((sum, { faultCount }) => sum + faultCount, 0);
  const verdict = faults === 0 ? "No faults" : plural(faults, "fault");
  const sections = results.map((result) => sectionOf(result)).join("\n");
  return `${sections}\n${verdict} in ${view.dataDir} (${formatDuration(view.durationMs)}).\n${nextSteps(results, view)}`;
}

function sectionOf({ check, lookedAt, faultCount, kinds, faults, notes }: CheckResult): string {
  const looked = Object.entries(lookedAt).map(([unit, amount]) => `${formatCount(amount)} ${unit}`);
  const verdict = faultCount === 0 ? "no faults" : plural(faultCount, "fault");
  const lines = [`${TITLES[check]}: ${looked.join(", ") || "nothing to look at"}: ${verdict}\n`];
  for (const [kind, ofKind] of Map.groupBy(faults, (fault) => fault.kind))
    lines.push(kindText(kind, kinds[kind] ?? ofKind.length, ofKind));
  lines.push(...notes.map((note) => `  ${note}\n`));
  return lines.join("");
}

function kindText(kind: FaultKind, count: number, faults: readonly Fault[]): string {
  const { words, fix } = FAULT_KINDS[kind];
  const lines = faults.slice(0, MAX_SHOWN).map((fault) => `    ${placeOf(fault)}${fault.detail}\n`);
  const more = count - Math.min(faults.length, MAX_SHOWN);
  if (more > 0) lines.push(`    … and ${formatCount(more)} more (the first 1,000 with --json)\n`);
  return `  ✖ ${words} (${formatCount(count)})\n${lines.join("")}    → ${fix}\n`;
}

function placeOf({ symbol, dataset, date }: Fault): string {
  const place = [symbol ?? dataset, date].filter((part) => part !== null).join(" ");
  return place === "" ? "" : `${place}: `;
}

function nextSteps(results: readonly CheckResult[], { again, repaired }: VerifyView): string {
  const target = results.find(({ check }) => check === "target");
  if (target === undefined || target.faultCount === 0) return "";
  return repaired
    ? `→ ${again("sync")}\n`
    : `→ ${again("verify")} --target --repair, then ${again("sync")}\n`;
}
