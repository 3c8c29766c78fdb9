import { isObject } from "../../support/binary.ts";

/** What a figure is counted in; `×` is a ratio of two medians. */
export const UNITS = ["s", "ms", "MB", "MB/s", "rows/s", "×"] as const;
export type Unit = (typeof UNITS)[number];

/** The samples of one contestant of a case. */
export interface Series {
  readonly name: string;
  readonly unit: Unit;
  readonly median: number;
  readonly samples: readonly number[];
}

/** A figure that was promised, and what came of it. */
export interface Finding {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly bound: "≤" | "≥";
  readonly target: number;
  /** Null if the run was too small to judge (`--smoke`). */
  readonly reached: boolean | null;
  /** Why it is missed; only if it is. */
  readonly note: string | null;
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly series: readonly Series[];
  readonly findings: readonly Finding[];
  /** How it was measured, as far as the title does not say it. */
  readonly remarks: readonly string[];
  /** Why there are no figures; null if there are. */
  readonly notRun: string | null;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly bun: string;
}

/** What a run of the bench found: the contents of results.json. */
export interface Results {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly cases: readonly CaseResult[];
}

/**
 * Reads results.json.
 * @throws Error if it is of another form.
 */
export function readResults(text: string): Results {
  const value: unknown = JSON.parse(text);
  if (!isResults(value)) throw new Error("these are no results of `bun run bench`");
  return value;
}

function isResults(value: unknown): value is Results {
  return (
    isObject(value) &&
    [value["date"], value["command"]].every(isText) &&
    isMachine(value["machine"]) &&
    isListOf(value["cases"], isCase)
  );
}

function isMachine(value: unknown): value is Machine {
  return (
    isObject(value) &&
    [value["cpu"], value["os"], value["bun"]].every(isText) &&
    [value["cores"], value["memoryBytes"]].every(isNumber)
  );
}

function isCase(value: unknown): value is CaseResult {
  return (
    isObject(value) &&
    [value["name"], value["title"]].every(isText) &&
    isListOf(value["series"], isSeries) &&
    isListOf(value["findings"], isFinding) &&
    isListOf(value["remarks"], isText) &&
    (value["notRun"] === null || isText(value["notRun"]))
  );
}

function isSeries(value: unknown): value is Series {
  return (
    isObject(value) &&
    isText(value["name"]) &&
    isUnit(value["unit"]) &&
    isNumber(value["median"]) &&
    isListOf(value["samples"], isNumber)
  );
}

function isFinding(value: unknown): value is Finding {
  return (
    isObject(value) &&
    isText(value["what"]) &&
    [value["value"], value["target"]].every(isNumber) &&
    isUnit(value["unit"]) &&
    (value["bound"] === "≤" || value["bound"] === "≥") &&
    (value["reached"] === null || typeof value["reached"] === "boolean") &&
    (value["note"] === null || isText(value["note"]))
  );
}

function isListOf<T>(value: unknown, isOne: (one: unknown) => one is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isUnit(value: unknown): value is Unit {
  return UNITS.some((unit) => unit === value);
}
