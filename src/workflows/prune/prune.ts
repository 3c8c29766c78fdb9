import { newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import type { RunContext } from "../context.ts";
import { deleteFlatFile, finishDeletions } from "../delete-file.ts";
import { filesToJudge } from "./files-to-judge.ts";
import { planPrune, type FileToJudge, type PruneLimits, type PrunePlan } from "./plan-prune.ts";

/** Which flat files `prune` would delete; nothing is touched. */
export async function previewPrune(context: RunContext, limits: PruneLimits): Promise<PruneResult> {
  const { cache, settings, nowMs } = context;
  return { ...planPrune(await filesToJudge(cache, settings), newYorkDate(nowMs), limits), failed: [] };
}

/** A flat file that could not be deleted, and why. */
interface NotDeleted extends FileToJudge {
  readonly error: string;
  readonly hint: string;
}

/** What was deleted, what stays, and what should have gone. */
export interface PruneResult extends PrunePlan {
  readonly failed: readonly NotDeleted[];
}

/**
 * Deletes the flat files that are no longer needed, within `limits`. The cache remembers their days as read, so no later
 * run fetches them again unless for a symbol that was never read. A file that cannot be deleted is told with the result.
 */
export async function prune(context: RunContext, limits: PruneLimits): Promise<PruneResult> {
  const { progress, signal } = context;
  await finishDeletions(context);
  const plan = await previewPrune(context, limits);
  if (plan.remove.length === 0) return { ...plan, failed: [] };
  const [remove, failed]: [FileToJudge[], NotDeleted[]] = [[], []];
  const task = progress.task({ label: "delete flat files", total: plan.remove.length, unit: "files" });
  try {
    for (const file of plan.remove) {
      signal.throwIfAborted();
      try {
        await deleteFlatFile(context, file, "delete it yourself");
        remove.push(file);
      } catch (error) {
        if (!(error instanceof BackfillError) || error.help === "disk") throw error;
        failed.push({ ...file, error: error.message, hint: error.nextStep });
      }
      task.advance(1);
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
  return { ...plan, remove, failed };
}
