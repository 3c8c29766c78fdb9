import { formatBytes, formatCount, formatDuration, plural } from "../../core/format.ts";
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
  const looked = Object.entries(lookedAt).map(([unit, amount]) => amountText(unit, amount));
  const verdict = faultCount === 0 ? "no faults" : plural(faultCount, "fault");
  const lines = [`${TITLES[check]}: ${looked.join(", ") || "nothing to look at"}: ${verdict}\n`];
  for (const [kind, ofKind] of Map.groupBy(faults, (fault) => fault.kind))
    lines.push(kindText(kind, kinds[kind] ?? ofKind.length, ofKind));
  lines.push(...notes.map((note) => `  ${note}\n`));
  return lines.join("");
}

/** Units are plural nouns. */
function amountText(unit: string, amount: number): string {
  return unit === "bytes" ? formatBytes(amount) : plural(amount, unit.replace(/s$/, ""));
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
  const repairable = results.filter(({ kinds }) => Object.keys(kinds).some(isRepairable));
  if (repairable.length === 0) {
    const isPlain = results.length === 1 && results[0]?.check === "cache" && results[0].faultCount === 0;
    return isPlain ? "Further checks: --files, --target, --source, --api (see verify --help).\n" : "";
  }
  if (!repaired) {
    const names = repairable.map(({ check }) => ` --${check}`).join("");
    return `→ ${again("verify", ` ${names.trim()} --repair`)}\n`;
  }
  const steps: string[] = [];
  const dates = repairable
    .filter(({ check }) => check !== "target")
    .flatMap(({ faults }) => faults.flatMap(({ kind, date }) => (isRepairable(kind) ? (date ?? []) : [])))
    .toSorted((a, b) => (a < b ? -1 : 1));
  if (dates.length > 0) steps.push(again("hybrid", ` --from=${dates[0]} --to=${dates.at(-1)}`));
  if (repairable.some(({ check }) => check === "target")) steps.push(again("sync"));
  return steps.map((step) => `→ ${step}\n`).join("");
}

/** Whether --repair does something about faults of a kind. */
function isRepairable(kind: string): boolean {
  return Object.entries(FAULT_KINDS).some(([name, { fix }]) => name === kind && fix.includes("--repair"));
}
