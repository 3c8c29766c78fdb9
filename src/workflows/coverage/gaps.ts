import { newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { parseSymbol, type TrackedSymbol } from "../../core/symbols.ts";
import type { CoverageDay, SymbolCoverage } from "./symbol-coverage.ts";

/** Why days are listed: gaps (`missing`, `partial`, `failed`), and what is worth a look besides. */
export type GapKind = "missing" | "partial" | "failed" | "suspicious" | "denied";

/** Days in a row (those without a session in between do not count) that are listed for one cause. */
export interface Gap extends TrackedSymbol {
  readonly from: string;
  readonly to: string;
  /** How many session days. */
  readonly days: number;
  readonly kind: GapKind;
  /** Where the bars are from that are there. */
  readonly source: CoverageDay["source"];
  readonly cause: string;
  /** The command that fills the days, or looks into them, and its flags. */
  readonly command: string;
  readonly flags: readonly string[];
}

/** The gaps of a symbol, in the order of dates. */
export function gapsOf(coverage: SymbolCoverage, nowMs: number): Gap[] {
  const { dataset, ticker, symbol, totals } = coverage;
  if (totals.missing + totals.partial + totals.failed + totals.suspicious + totals.denied === 0) return [];
  const runs: Run[] = [];
  let isOpen = false;
  for (const [index, { date }] of coverage.days.entries()) {
    if (coverage.state(index) === "closed") continue;
    const kind = kindOf(coverage, index);
    const last = runs.at(-1);
    if (kind !== null) {
      const cause = causeOf(coverage, index, kind);
      const source = coverage.source(index);
      if (isOpen && last?.kind === kind && last.cause === cause)
        runs[runs.length - 1] = { ...last, to: date, days: last.days + 1 };
      else runs.push({ dataset, ticker, symbol, from: date, to: date, days: 1, kind, source, cause });
    }
    isOpen = kind !== null;
  }
  return runs.map((run) => ({ ...run, ...remedy(run, nowMs) }));
}

type Run = Omit<Gap, "command" | "flags">;

function kindOf(coverage: SymbolCoverage, index: number): GapKind | null {
  const state = coverage.state(index);
  if (state === "missing" || state === "partial" || state === "failed" || state === "denied") return state;
  return coverage.usual(index) === null ? null : "suspicious";
}

function causeOf(coverage: SymbolCoverage, index: number, kind: GapKind): string {
  const problem = coverage.problem(index);
  if (kind === "partial") return partialCause(coverage, index);
  if (kind === "suspicious") return coverage.note(index) ?? "far fewer bars than usual";
  if (problem !== null) return problem.error;
  return coverage.source(index) === "api" ? "the API gave no bars" : "not fetched yet";
}

function partialCause(coverage: SymbolCoverage, index: number): string {
  if (coverage.isUnread(index)) return coverage.note(index) ?? "";
  const runs = coverage.missingMinutes(index).map(({ from, to }) => (from === to ? from : `${from}–${to}`));
  const shown = runs.slice(0, MAX_RUNS).join(", ") + (runs.length > MAX_RUNS ? ", …" : "");
  const source = coverage.source(index) === "api" ? "the API" : "the flat file";
  const lacks = runs.length > 0 ? `${source} lacks ${shown}` : `asked of ${source} before the day was over`;
  return [coverage.note(index), lacks].filter((part) => part !== null).join("; ");
}

const MAX_RUNS = 4;

/** A flat file that is short is filled by its next version only, which is looked for on recent days unless one asks. */
function remedy({ kind, from, to, source, ...symbol }: Run, nowMs: number): Pick<Gap, "command" | "flags"> {
  const scope = [...symbolFlags(symbol), `--from=${from}`, `--to=${to}`];
  if (kind === "suspicious") return { command: "verify", flags: ["--api", ...scope] };
  if (kind === "denied") return { command: "hybrid", flags: [...scope, "--recheck-entitlements"] };
  if (kind !== "partial" || source !== "flatfile") return { command: "hybrid", flags: scope };
  const days = Math.round((Date.parse(newYorkDate(nowMs)) - Date.parse(from)) / DAY_MS);
  return { command: "hybrid", flags: [...scope, `--recheck-days=${Math.max(1, days)}`] };
}

const DAY_MS = 86_400_000;

/** How a symbol is named on the command line, so that it means the same dataset. */
function symbolFlags({ dataset, ticker }: Pick<TrackedSymbol, "dataset" | "ticker">): string[] {
  const name = `--symbols=${ticker}`;
  return isNamedAlone(ticker, dataset) ? [name] : [name, `--dataset=${dataset}`];
}

/** Whether a ticker says its dataset by itself. A file may have some that nobody could name. */
function isNamedAlone(ticker: string, dataset: Gap["dataset"]): boolean {
  try {
    return parseSymbol(ticker).dataset === dataset;
  } catch (error) {
    if (error instanceof BackfillError) return false;
    throw error;
  }
}
