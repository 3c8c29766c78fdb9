import { rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileError, isMissing } from "./file-error.ts";
import { endingOf, type ExportOptions } from "./options.ts";
import type { PlannedFile } from "./planned-file.ts";
import { exportedFile, readState, saveState, type ExportedFile, type ExportedFiles } from "./state.ts";

/** What the exports into a folder have written so far. One file has no account: it is always written. */
export class Account {
  readonly exported: ExportedFiles = new Map();
  /** Files of other formats that are still there. */
  readonly others: ExportedFiles = new Map();
  readonly #options: ExportOptions;
  #isSaved = true;

  /** @param warn is told why an earlier account is not to be relied on. */
  constructor(options: ExportOptions, warn: (message: string) => void) {
    this.#options = options;
    if (options.isFolder) this.#readEarlier(warn);
  }

  #readEarlier(warn: (message: string) => void): void {
    const options = optionsText(this.#options);
    const found = readState(this.#options.out);
    if (found.kind === "unusable") warn(`everything is written: ${found.reason}`);
    if (found.kind !== "files") return;
    const isSame = found.options === options;
    for (const [path, file] of found.files)
      if (path.endsWith(endingOf(this.#options.format)))
        this.exported.set(path, isSame ? file : { ...file, fingerprint: NONE });
      else if (this.sizeOf(path) !== null) this.others.set(path, file);
    if (!isSame && this.exported.size > 0 && this.#options.incremental)
      warn(`everything is written: the files there are ${found.options}, now ${options} is asked for`);
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

  /** Keeps what is about to be written: whoever kills the program finds the same command go on. */
  announce(files: readonly PlannedFile[]): void {
    if (!this.#options.isFolder || files.length === 0) return;
    for (const file of files) {
      const sizeBytes = this.exported.get(file.path)?.sizeBytes ?? NOT_WRITTEN_BYTES;
      this.exported.set(file.path, exportedFile({ ...file, fingerprint: NONE, sizeBytes }));
    }
    this.#isSaved = false;
    this.save();
  }

  note(path: string, file: ExportedFile): void {
    this.exported.set(path, exportedFile(file));
    this.#isSaved = false;
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
    this.#isSaved = false;
  }

  save(): void {
    if (this.#isSaved || !this.#options.isFolder) return;
    saveState(this.#options.out, optionsText(this.#options), new Map([...this.exported, ...this.others]));
    this.#isSaved = true;
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
