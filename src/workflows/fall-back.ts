import type { FlatFiles } from "../massive/s3-client.ts";
import { announceTransfer } from "./announce-transfer.ts";
import type { RunContext } from "./context.ts";
import { deleteOnceRead } from "./delete-read.ts";
import { fillFromFiles } from "./fill-cache.ts";
import type { PlanOptions, RunPlan } from "./plan-run.ts";
import type { Plan } from "./planning/plan.ts";
import type { FillTally } from "./tally.ts";
import { planTransfer } from "./transfer.ts";

/** How the days that the API has not brought are brought another way. */
interface FallBackOptions extends Pick<PlanOptions, "source"> {
  readonly keepFiles: boolean;
}

/**
 * What the API refused or failed to bring is planned once more, now that this is known: days whose flat file may take
 * its place are read from it, and days whose flat file is still to come wait for it. The others have failed.
 * @returns the second plan; an empty one if the API has brought everything.
 */
export async function fallBack(
  context: RunContext,
  flatFiles: FlatFiles | null,
  { plan, again }: Pick<RunPlan, "plan" | "again">,
  tally: FillTally,
  { source, keepFiles }: FallBackOptions,
): Promise<Plan> {
  const failures = tally.failuresOf("api");
  if (failures.length === 0) return NOTHING;
  // Where the API was only the cheaper way, the dearer one is open.
  const withoutApi = source === "cheapest" && failures.some(({ denied }) => !denied);
  const second = withoutFilesOf(again({ withoutApi }), plan);
  if (second.files.length > 0) {
    if (flatFiles !== null) {
      const transfer = await planTransfer(context.settings.dataDir, second.files);
      await announceTransfer(context, flatFiles, transfer, keepFiles);
    }
    const onRead = keepFiles ? undefined : deleteOnceRead(context, second.files);
    await fillFromFiles(context, flatFiles, second, tally, onRead);
  }
  const words = new Set(tally.settle(second).map(({ error }) => error));
  for (const error of words) context.progress.warn(`${error}. Flat files bring what is missing.`);
  return second;
}

const NOTHING: Plan = { days: [], files: [], requests: [] };

/** A plan without the files that another one has: what failed of them has failed. */
function withoutFilesOf(plan: Plan, other: Plan): Plan {
  const known = new Set(other.files.map(({ file }) => `${file.dataset} ${file.date}`));
  return { ...plan, files: plan.files.filter(({ file }) => !known.has(`${file.dataset} ${file.date}`)) };
}
