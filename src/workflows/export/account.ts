import { rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileError, isMissing } from "./file-error.ts";
import { endingOf, type ExportOptions } from "./options.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { sortedNumbers, type PlannedFile } from "./planned-file.ts";
import {
  exportedFile,
  readState,
  saveState,
  type ExportedFile,
  type ExportedFiles,
  type SavedState,
} from "./state.ts";

/**
 * What the exports into a folder have written so far. One file has no account: it is always written. Two exports at the
 * same time each keep account of what they do, and leave that of the other as it is.
 */
export class Account {
  readonly exported: ExportedFiles = new Map();
  /** Files of other formats that are still there. */
  readonly others: ExportedFiles = new Map();
  readonly #options: ExportOptions;
  readonly #dataDir: string;
  /** Why an earlier account is not to be relied on; null if it is, or there is none. */
  readonly unusable: string | null;
  /** What this export has changed since it was saved. */
  readonly #touched = new Set<string>();

  /**
   * @param dataDir folder of the cache.
   * @param warn is told why everything is written.
   */
  constructor(options: ExportOptions, dataDir: string, warn: (message: string) => void) {
    this.#options = options;
    this.#dataDir = dataDir;
    const found = options.isFolder ? readState(options.out) : ({ kind: "none" } as const);
    this.unusable = found.kind === "unusable" ? found.reason : null;
    if (found.kind !== "files") return;
    const text = optionsText(options);
    for (const [path, file] of filesFor(found, options))
      if (path.endsWith(endingOf(options.format))) this.exported.set(path, file);
      else if (this.sizeOf(path) !== null) this.others.set(path, file);
      else this.#touched.add(path);
    if (found.options !== text && this.exported.size > 0 && options.incremental)
      warn(`everything is written: the files there are ${found.options}, now ${text} is asked for`);
  }

  /** The size of a file below the folder; null if it is not there. */
  sizeOf(path: string): number | null {
    const file = join(this.#options.out, path);
    try {
      return statSync(file).size;
    } catch (error) {
      if (isMissing(error)) return null;
      throw fileError(error, "read", file);
    }
  }

  /** Whether a file is there as an export left it; any other belongs to somebody else. */
  isAsWritten(path: string): boolean {
    const sizeBytes = this.sizeOf(path);
    return sizeBytes !== null && this.exported.get(path)?.sizeBytes === sizeBytes;
  }

  /**
   * Keeps what is about to be written: whoever kills the program finds the same command go on. Until a file is written it
   * may be the earlier one as well: it is said to hold what either does.
   */
  announce(files: readonly PlannedFile[]): void {
    if (!this.#options.isFolder || files.length === 0) return;
    for (const file of files) {
      const before = this.exported.get(file.path);
      const announced = { ...file, fingerprint: NONE, sizeBytes: NOT_WRITTEN_BYTES };
      this.note(file.path, before === undefined ? announced : eitherOf(before, announced));
    }
    this.save();
  }

  note(path: string, file: ExportedFile): void {
    this.exported.set(path, exportedFile(file));
    this.#touched.add(path);
  }

  /** Deletes a file that an export wrote, and the folders that are empty without it. */
  remove(path: string): void {
    const { out } = this.#options;
    const file = join(out, path);
    try {
      rmSync(file, { force: true });
    } catch (error) {
      throw fileError(error, "remove", file);
    }
    this.forget(path);
    for (let folder = dirname(file); relative(out, folder) !== ""; folder = dirname(folder))
      if (!removeEmpty(folder)) return;
  }

  forget(path: string): void {
    this.exported.delete(path);
    this.others.delete(path);
    this.#touched.add(path);
  }

  /** Saves what this export has changed; what another one has saved meanwhile stays. */
  save(): void {
    if (this.#touched.size > 0 && this.#options.isFolder) oneAtATime(this.#dataDir, () => this.#merge());
  }

  #merge(): void {
    const { out } = this.#options;
    const found = readState(out);
    const files: ExportedFiles =
      found.kind === "files" ? filesFor(found, this.#options) : new Map([...this.others, ...this.exported]);
    for (const path of this.#touched) {
      const file = this.exported.get(path) ?? this.others.get(path);
      if (file === undefined) files.delete(path);
      else files.set(path, file);
    }
    saveState(out, optionsText(this.#options), files);
    this.#touched.clear();
  }

  /** Saves what was done before something failed, of which the user is told in any case. */
  saveAfterFailure(): void {
    try {
      this.save();
    } catch {
      // Whatever keeps it from being saved is no news after the first failure; the next export writes these files again.
    }
  }
}

/** The fingerprint of files that are to be written again. */
const NONE = "";
/** The size of a file that was announced and is not there yet. */
const NOT_WRITTEN_BYTES = -1;

/** What one of two files holds, of which it is not known yet which is there; of the size of the earlier one. */
function eitherOf(before: ExportedFile, next: ExportedFile): ExportedFile {
  return {
    fingerprint: NONE,
    sizeBytes: before.sizeBytes,
    bars: Math.max(before.bars, next.bars),
    series: sortedNumbers([...before.series, ...next.series]),
    from: before.from < next.from ? before.from : next.from,
    to: before.to > next.to ? before.to : next.to,
    days: sortedNumbers([...before.days, ...next.days]),
  };
}

/** The files of an account as an export with such options finds them: those of other options are to be written again. */
function filesFor({ files, options }: SavedState, own: ExportOptions): ExportedFiles {
  if (options === optionsText(own)) return files;
  return new Map([...files].map(([path, file]) => [path, { ...file, fingerprint: NONE }]));
}

/** The options that the bytes of files depend on, in words. */
function optionsText({ format, compression }: ExportOptions): string {
  return format === "parquet" && compression !== "none" ? `${format} (${compression})` : format;
}

function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    // Something else is in it.
    return false;
  }
}
