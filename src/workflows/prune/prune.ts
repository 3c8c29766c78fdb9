import { newYorkDate } from "../../core/dates.ts";
import type { RunContext } from "../context.ts";
import { deleteFlatFile, finishDeletions } from "../delete-file.ts";
import { filesToJudge } from "./files-to-judge.ts";
import { planPrune, type PruneLimits, type PrunePlan } from "./plan-prune.ts";

/** Which flat files `prune` would delete; nothing is touched. */
export async function previewPrune(context: RunContext, limits: PruneLimits): Promise<PrunePlan> {
  const { cache, settings, nowMs } = context;
  return planPrune(await filesToJudge(cache, settings), newYorkDate(nowMs), limits);
}

/**
 * Deletes the flat files that are no longer needed, within `limits`. The cache remembers their days as read, so no later
 * run fetches them again unless for a symbol that was never read.
 * @throws BackfillError (cache) for a file that cannot be deleted; those before it are gone.
 */
export async function prune(context: RunContext, limits: PruneLimits): Promise<PrunePlan> {
  const { progress, signal } = context;
  await finishDeletions(context);
  const plan = await previewPrune(context, limits);
  if (plan.remove.length === 0) return plan;
  const task = progress.task({ label: "delete flat files", total: plan.remove.length, unit: "files" });
  try {
    for (const file of plan.remove) {
      signal.throwIfAborted();
      await deleteFlatFile(context, file, "delete it yourself");
      task.advance(1);
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
  return plan;
}
