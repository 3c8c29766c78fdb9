import { existsSync, lstatSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explanationOf } from "../cache/explanations.ts";
import { markDeleted } from "../cache/flat-files.ts";
import { DATASETS, type Dataset } from "../core/datasets.ts";
import { BackfillError, errorText } from "../core/errors.ts";
import type { RunContext } from "./context.ts";
import { localFilePath, localFolder, namesIn } from "./local-files.ts";

/** The name of a flat file that is to be deleted, until the cache has noted that it is gone. */
const DOOMED = /^(\d{4}-\d{2}-\d{2})\.csv\.gz\.deleting$/;

/**
 * Deletes a flat file and notes that it is gone. It is renamed first, so that a run that dies in between leaves a name by
 * which the next one finishes what was begun (`finishDeletions`).
 * @throws BackfillError (cache) if that is not allowed; `instead` says what else the user can do.
 */
export async function deleteFlatFile(
  context: Pick<RunContext, "cache" | "settings">,
  file: { readonly dataset: Dataset; readonly date: string },
  instead: string,
): Promise<void> {
  const path = localFilePath(context.settings.dataDir, file.dataset, file.date);
  const doomed = `${path}.deleting`;
  await explained(path, instead, () => rename(path, doomed));
  await removeDoomed(doomed, instead, () => markDeleted(context.cache, file));
}

/** Notes that a file is gone, then removes it; on a full disk only its removal makes room for the note. */
async function removeDoomed(doomed: string, instead: string, note: () => Promise<void>): Promise<void> {
  const remove = () => explained(doomed, instead, () => rm(doomed, { force: true }));
  try {
    await note();
  } catch (error) {
    if (!(error instanceof BackfillError && error.help === "disk")) throw error;
    await remove();
    await note();
  }
  await remove();
}

/** Finishes the deletions that an earlier run has begun. */
export async function finishDeletions({
  cache,
  settings,
}: Pick<RunContext, "cache" | "settings">): Promise<void> {
  for (const dataset of DATASETS) {
    const folder = localFolder(settings.dataDir, dataset);
    for (const name of await namesIn(folder)) {
      const date = DOOMED.exec(name)?.[1];
      if (date === undefined || !isFile(join(folder, name))) continue;
      // A file of the day that is there came after the other one was given up.
      const isBack = existsSync(localFilePath(settings.dataDir, dataset, date));
      await removeDoomed(join(folder, name), "delete it yourself", async () => {
        if (!isBack) await markDeleted(cache, { dataset, date });
      });
    }
  }
}

/** A folder of such a name is none of ours. */
function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function explained(path: string, instead: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // Somebody else was faster.
    if (code === "ENOENT") return;
    throw new BackfillError({
      kind: "cache",
      operation: `delete ${path}`,
      reason: explanationOf(code, dirname(path))?.reason ?? errorText(error),
      nextStep: `Give yourself write permission for its folder, or ${instead}.`,
      cause: error,
    });
  }
}
