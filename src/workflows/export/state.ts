import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileContents } from "./planned-file.ts";
import { writeFileWhole } from "./atomic-file.ts";
import { fileError, isMissing } from "./file-error.ts";
import { daysOfText, daysText } from "./held-days.ts";

/** What the last export left, beside its files; names that begin with `_` are no data to any engine. */
export const STATE_FILE = "_massive-backfill-export.json";

const FORMAT_VERSION = 4;

/** A file that an export wrote, and what it holds. */
export interface ExportedFile extends FileContents {
  readonly fingerprint: string;
  readonly sizeBytes: number;
}

/** What an export wrote, by path below its folder. */
export type ExportedFiles = Map<string, ExportedFile>;

/** What earlier exports left, and the options in words that the bytes of the files depend on. */
export interface SavedState {
  readonly kind: "files";
  readonly files: ExportedFiles;
  readonly options: string;
}

/** What was found of an earlier export: its files, nothing, or a reason why they are not to be relied on. */
export type FoundState =
  | { readonly kind: "none" }
  | SavedState
  | { readonly kind: "unusable"; readonly reason: string };

/**
 * Reads what the last export into `folder` left; its `options` are the text of those that its files depend on.
 * @throws BackfillError (cache) if there is something that cannot be read.
 */
export function readState(folder: string): FoundState {
  const path = join(folder, STATE_FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return { kind: "none" };
    throw fileError(error, "read", path);
  }
  const state = parsed(text);
  if (state === null) return { kind: "unusable", reason: `${STATE_FILE} is damaged` };
  if (state.formatVersion !== FORMAT_VERSION)
    return { kind: "unusable", reason: `${STATE_FILE} is of another version of this program` };
  return { kind: "files", files: state.files, options: state.options };
}

/** A file without anything else that is known or said of it. */
export function exportedFile(file: ExportedFile): ExportedFile {
  const { fingerprint, sizeBytes, bars, series, from, to, days } = file;
  return { fingerprint, sizeBytes, bars, series, from, to, days };
}

/** Keeps what an export wrote for the next one. */
export function saveState(folder: string, options: string, files: ExportedFiles): void {
  const sorted = [...files]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, file]) => [path, { ...file, days: daysText(file.days), series: seriesText(file.series) }]);
  const state = { formatVersion: FORMAT_VERSION, options, files: Object.fromEntries(sorted) };
  writeFileWhole(join(folder, STATE_FILE), new TextEncoder().encode(`${JSON.stringify(state, null, 1)}\n`));
}

function seriesText(series: readonly number[]): string {
  return series.map((number) => number.toString(36)).join(" ");
}

function seriesOfText(text: string): number[] | null {
  return /^(?:[0-9a-z]{1,7}(?: [0-9a-z]{1,7})*)?$/.test(text)
    ? text.split(" ").flatMap((number) => (number === "" ? [] : [Number.parseInt(number, 36)]))
    : null;
}

/** As it stands in the account. */
type SavedFile = Omit<ExportedFile, "days" | "series"> & { readonly days: string; readonly series: string };

interface State {
  readonly formatVersion: unknown;
  readonly options: string;
  readonly files: ExportedFiles;
}

function parsed(text: string): State | null {
  const state = jsonObject(text);
  if (state === null || typeof state["options"] !== "string" || !isObject(state["files"])) return null;
  const files: ExportedFiles = new Map();
  for (const [path, file] of Object.entries(state["files"])) {
    if (!isWithin(path) || !isSavedFile(file)) return null;
    const days = daysOfText(file.days);
    const series = seriesOfText(file.series);
    if (days === null || series === null) return null;
    files.set(path, exportedFile({ ...file, days, series }));
  }
  return { formatVersion: state["formatVersion"], options: state["options"], files };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSavedFile(value: unknown): value is SavedFile {
  return (
    isObject(value) &&
    ["fingerprint", "from", "to", "days", "series"].every((name) => typeof value[name] === "string") &&
    ["sizeBytes", "bars"].every((name) => typeof value[name] === "number")
  );
}

/** Whether a path stays below the folder: what it names may be deleted one day. */
function isWithin(path: string): boolean {
  return (
    !/[\\:]|^\//.test(path) && !path.split("/").some((part) => part === "" || part === "." || part === "..")
  );
}
