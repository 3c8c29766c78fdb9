import { noteProblems, type DayProblem } from "../cache/problems.ts";
import { track } from "../cache/symbols.ts";
import { barsBetween } from "../cache/batches.ts";
import { DATASET_FACTS } from "../core/datasets.ts";
import { addDays } from "../core/dates.ts";
import { parseTarget } from "../postgres/target.ts";
import { BackfillError } from "../core/errors.ts";
import { datasetsOf, type SymbolSelection } from "../core/symbols.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import { openRest } from "../massive/rest-client.ts";
import { announceTransfer } from "./announce-transfer.ts";
import type { RunContext } from "./context.ts";
import { deleteOnceRead } from "./delete-read.ts";
import { probeEntitlements } from "./entitlement.ts";
import { fillFromApi, fillFromFiles } from "./fill-cache.ts";
import { filesToDownload, makePlan, type Plan } from "./plan.ts";
import { removeStaleParts } from "./stale-parts.ts";
import { survey } from "./survey.ts";
import { syncAfterFill, type SyncOptions, type SyncResult } from "./sync.ts";
import { FillTally, type FillResult } from "./tally.ts";
import { planTransfer, type Transfer } from "./transfer.ts";
import { withFlatFiles, type TransferLimits } from "./with-flat-files.ts";

export interface HybridOptions {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  /** Whether flat files stay in the data directory once they are read. */
  readonly keepFiles: boolean;
  readonly limits: TransferLimits;
  readonly sync: Pick<SyncOptions, "retryTimeoutMs">;
}

/** A run that was thought through but not begun. */
export interface HybridPlan {
  readonly plan: Plan;
  readonly transfer: Transfer;
}

/** What the main job came to. */
export interface HybridResult extends FillResult {
  readonly from: string;
  readonly to: string;
  readonly selection: SymbolSelection;
  /** Symbols that have no bar on any of the days: misspelt, most likely. */
  readonly symbolsWithoutBars: readonly string[];
  /** Null if no database is set. */
  readonly sync: SyncResult | null;
}

/**
 * The main job: flat files for what is published, the API for what is not yet, then Postgres if one is set.
 * Days that fail are reported in the result; the others are safe in the cache.
 * @throws BackfillError if nothing can be read at all: no keys, wrong keys, no connection.
 */
export async function hybrid(context: RunContext, options: HybridOptions): Promise<HybridResult> {
  const { databaseUrl, table } = context.settings;
  // Said before the first byte is fetched, not after the last.
  if (databaseUrl !== null) parseTarget(databaseUrl, table);
  noteHistoryStart(context, options);
  await removeStaleParts(context.settings.dataDir);
  return withSources(context, options.limits, async (flatFiles) => {
    const { plan, transfer } = await planWith(context, options, flatFiles);
    if (flatFiles !== null) await announceTransfer(context, flatFiles, transfer, options.keepFiles);
    await track(context.cache, options.selection, context.nowMs);
    const tally = new FillTally(plan);
    const onRead = options.keepFiles ? undefined : deleteOnceRead(context, plan.files);
    await fillFromFiles(context, flatFiles, plan, tally, onRead);
    if (context.settings.rest !== null)
      await fillFromApi(context, openRest(context.settings.rest), plan.requests, tally);
    await noteWaiting(context, plan);
    const { from, to, selection } = options;
    const symbolsWithoutBars = selection.symbols
      .filter((symbol) => barsBetween(context.cache, symbol, from, to) === 0)
      .map(({ symbol }) => symbol);
    const filled = tally.result();
    return {
      from,
      to,
      selection,
      ...filled,
      symbolsWithoutBars,
      sync: await syncAfterFill(context, options.sync),
    };
  });
}

/** The plan of the main job, without doing any of it. */
export async function dryRun(context: RunContext, options: HybridOptions): Promise<HybridPlan> {
  return withSources(context, options.limits, (flatFiles) => planWith(context, options, flatFiles));
}

function noteHistoryStart({ progress }: RunContext, { selection, from }: HybridOptions): void {
  for (const dataset of datasetsOf(selection)) {
    const { historyStart } = DATASET_FACTS[dataset];
    if (from < historyStart)
      progress.info(`The vendor's ${dataset} begin on ${historyStart}: earlier days are left out.`);
  }
}

async function withSources<T>(
  context: RunContext,
  limits: TransferLimits,
  work: (flatFiles: FlatFiles | null) => Promise<T>,
): Promise<T> {
  const { s3, rest } = context.settings;
  if (s3 === null && rest === null) throw noSource();
  if (s3 === null) context.progress.info("No S3 keys are set: everything comes from the REST API.");
  if (rest === null)
    context.progress.info("No API key is set: days without a flat file wait until theirs is published.");
  return s3 === null ? work(null) : withFlatFiles(s3, limits, context.progress, work);
}

async function planWith(
  context: RunContext,
  options: HybridOptions,
  flatFiles: FlatFiles | null,
): Promise<HybridPlan> {
  const plan = await planDays(context, options, flatFiles);
  return { plan, transfer: await planTransfer(context.settings.dataDir, plan.files) };
}

async function planDays(
  context: RunContext,
  { selection, from, to }: HybridOptions,
  flatFiles: FlatFiles | null,
): Promise<Plan> {
  const facts = await survey(context, {
    selection,
    from,
    to,
    flatFiles,
    useFiles: true,
    api: context.settings.rest !== null,
  });
  const plan = makePlan(facts);
  const wanted = filesToDownload(plan);
  if (flatFiles === null || wanted.length === 0) return plan;
  const refusals = await probeEntitlements(context, flatFiles, wanted);
  const entitledFrom = new Map([...refusals].map(([dataset, { to: last }]) => [dataset, addDays(last, 1)]));
  return makePlan({ ...facts, entitledFrom });
}

/** Remembers for `status` why days are not there although nothing went wrong. */
async function noteWaiting(context: RunContext, plan: Plan): Promise<void> {
  const days = new Map<string, DayProblem>();
  for (const { action, dataset, date } of plan.days)
    if (action === "wait" || action === "denied")
      days.set(`${dataset} ${date}`, {
        ...(action === "wait" ? NOT_PUBLISHED : NOT_IN_PLAN),
        dataset,
        ticker: "",
        date,
        step: "list",
        seenAtMs: context.nowMs,
      });
  await noteProblems(context.cache, [...days.values()]);
}

const NOT_PUBLISHED = {
  state: "pending",
  error: "the flat file is not published yet",
  hint: "Run hybrid again after 11:00 New York time, or set MASSIVE_API_KEY for recent days.",
} as const;

const NOT_IN_PLAN = {
  state: "denied",
  error: "your subscription does not include the flat file of this day",
  hint: "See your plan in the Massive dashboard, or set MASSIVE_API_KEY to ask the REST API.",
} as const;

function noSource(): BackfillError {
  return new BackfillError({
    kind: "settings",
    operation: "connect to Massive",
    reason: "neither S3 keys nor an API key are set",
    nextStep:
      "Put MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY (and MASSIVE_API_KEY for recent days) into .env.local, or try `massive-backfill demo`, which needs no account.",
  });
}
