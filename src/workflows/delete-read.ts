import { existsSync } from "node:fs";
import type { RunContext } from "./context.ts";
import { deleteFlatFile } from "./delete-file.ts";
import { localFilePath } from "./local-files.ts";
import type { AvailableFile } from "./planning/facts.ts";
import type { PlannedFile } from "./planning/plan.ts";

/**
 * What `--no-keep` does with a file that was read: deletes it. Only files go that this run brings; what lay there
 * before it, somebody kept on purpose.
 */
export function deleteOnceRead(
  context: RunContext,
  planned: readonly Pick<PlannedFile, "file">[],
): (file: AvailableFile) => Promise<void> {
  const pathOf = (file: AvailableFile) => localFilePath(context.settings.dataDir, file.dataset, file.date);
  const passing = new Set(planned.map(({ file }) => pathOf(file)).filter((path) => !existsSync(path)));
  return async (file) => {
    if (!passing.has(pathOf(file))) return;
    await deleteFlatFile(context, file, "run without --no-keep");
  };
}
