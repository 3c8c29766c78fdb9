import { rm } from "node:fs/promises";
import { BackfillError, errorText } from "../core/errors.ts";

/**
 * Deletes a file of the data directory; one that is gone already is as well.
 * @throws BackfillError (cache) if that is not allowed; `instead` says what else the user can do.
 */
export async function deleteFile(path: string, instead: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw new BackfillError({
      kind: "cache",
      operation: `delete ${path}`,
      reason: errorText(error),
      nextStep: `Give yourself write permission for its folder, or ${instead}.`,
      cause: error,
    });
  }
}
