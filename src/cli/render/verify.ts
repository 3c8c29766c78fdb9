import { formatBytes, formatCount, formatDuration, plural } from "../../core/format.ts";
import { FAULT_KINDS, type FaultKind, type Remedy } from "../../workflows/verify/fault-kinds.ts";
import type { CheckName, CheckResult, Fault } from "../../workflows/verify/findings.ts";
import type { Again } from "./invocation.ts";

export interface VerifyView {
  readonly dataDir: string;
  readonly durationMs: number;
  readonly again: Again;
  /** The date in New York. */
  readonly today: string;
  /** Whether what can be repaired was. */
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

/** The commands that mend what was found, for the days it was found on. */
function nextSteps(results: readonly CheckResult[], view: VerifyView): string {
  const { again, repaired } = view;
  const faults = results.flatMap(({ check, faults: found }) => found.map((fault) => ({ ...fault, check })));
  const of = (...remedies: Remedy[]) =>
    faults.filter(({ kind }) => remedies.includes(FAULT_KINDS[kind].remedy));
  const steps: string[] = [];
  const repairable = of("read again", "recount", "make again", "send again");
  if (repairable.length > 0 && !repaired) {
    const checks = [...new Set(repairable.map(({ check }) => `--${check}`))];
    steps.push(again("verify", ` ${checks.join(" ")} --repair`));
  }
  const unread = repaired ? of("read again", "make again", "run hybrid") : of("run hybrid");
  if (unread.length > 0) steps.push(again("hybrid", ` ${rangeOf(unread)}`));
  const unsynced = repaired ? of("send again", "sync") : of("sync");
  if (unsynced.length > 0) steps.push(again("sync"));
  for (const [dataset, ofDataset] of Map.groupBy(of("download"), (fault) => fault.dataset))
    steps.push(again("download", ` --overwrite --dataset=${dataset} ${rangeOf(ofDataset)}`));
  const doubtful = of("look for a corrected file");
  if (doubtful.length > 0)
    steps.push(again("hybrid", ` ${rangeOf(doubtful)} ${recheckFlag(doubtful, view)}`));
  if (steps.length > 0) return steps.map((step) => `→ ${step}\n`).join("");
  const isPlain = results.length === 1 && results[0]?.check === "cache" && results[0].faultCount === 0;
  return isPlain ? "Further checks: --files, --target, --source, --api (see verify --help).\n" : "";
}

function rangeOf(faults: readonly Fault[]): string {
  const dates = faults.flatMap(({ date }) => date ?? []).toSorted((a, b) => (a < b ? -1 : 1));
  return `--from=${dates[0]} --to=${dates.at(-1)}`;
}

const DAY_MS = 86_400_000;

/** So many days that the first of them is among those that are listed again. */
function recheckFlag(faults: readonly Fault[], { today }: VerifyView): string {
  const days = faults.map(({ date }) => (Date.parse(today) - Date.parse(date ?? today)) / DAY_MS);
  return `--recheck-days=${Math.max(1, ...days)}`;
}
