import { rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { explained } from "./atomic-file.ts";
import type { ExportOptions } from "./options.ts";
import { readState, saveState, type ExportedFile, type ExportedFiles } from "./state.ts";

/** What the exports into a folder have written so far. One file has no account: it is always written. */
export class Account {
  readonly exported: ExportedFiles;
  readonly #options: ExportOptions;
  #isSaved = true;

  /** @param warn is told why an earlier account is not to be relied on. */
  constructor(options: ExportOptions, warn: (message: string) => void) {
    this.#options = options;
    this.exported = options.isFolder ? earlier(options, warn) : new Map();
  }

  /** The size of a file below the folder; null if it is not there. */
  sizeOf(path: string): number | null {
    return statSync(join(this.#options.out, path), { throwIfNoEntry: false })?.size ?? null;
  }

  note(path: string, file: ExportedFile): void {
    this.exported.set(path, { fingerprint: file.fingerprint, sizeBytes: file.sizeBytes });
    this.#isSaved = false;
  }

  /** Deletes a file that an export wrote, and the folders that are empty without it. */
  remove(path: string): void {
    const { out } = this.#options;
    const file = join(out, path);
    try {
      rmSync(file, { force: true });
    } catch (error) {
      throw explained(error, file);
    }
    this.exported.delete(path);
    this.#isSaved = false;
    for (let folder = dirname(file); relative(out, folder) !== ""; folder = dirname(folder))
      if (!removeEmpty(folder)) return;
  }

  save(): void {
    if (this.#isSaved || !this.#options.isFolder) return;
    saveState(this.#options.out, optionsText(this.#options), this.exported);
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

function earlier(options: ExportOptions, warn: (message: string) => void): ExportedFiles {
  const found = readState(options.out, optionsText(options));
  if (found.kind === "files") return found.files;
  if (found.kind === "unusable") warn(`everything is written: ${found.reason}`);
  return new Map();
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
