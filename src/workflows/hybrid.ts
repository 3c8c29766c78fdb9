import { barsBetween } from "../cache/batches.ts";
import { track } from "../cache/symbols.ts";
import { keepTimeframes, type KeptTimeframe } from "../cache/timeframes.ts";
import { DATASET_FACTS } from "../core/datasets.ts";
import { datasetsOf, type SymbolSelection, type TrackedSymbol } from "../core/symbols.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import { parseTarget } from "../postgres/target.ts";
import { aggregateKept, type AggregateResult } from "./aggregate/aggregate.ts";
import { announceTransfer } from "./announce-transfer.ts";
import type { RunContext } from "./context.ts";
import { deleteOnceRead } from "./delete-read.ts";
import { knownRefusals, type KnownRefusal } from "./known-refusals.ts";
import { noteWaiting } from "./note-waiting.ts";
import { recallRefusals } from "./entitlement.ts";
import { fallBack } from "./fall-back.ts";
import { fillFromApi, fillFromFiles } from "./fill-cache.ts";
import { openApi } from "./open-api.ts";
import { planRun, type PlanOptions, type RunPlan } from "./plan-run.ts";
import type { CheaperWay } from "./planning/choose-route.ts";
import type { PlannedDay } from "./planning/plan.ts";
import { leftUndone, recorded, type RunMeter } from "./run-record.ts";
import { finishDeletions } from "./delete-file.ts";
import { removeStaleParts } from "./stale-parts.ts";
import { syncAfterFill, type SyncOptions, type SyncResult } from "./sync.ts";
import { FillTally, type FillResult } from "./tally.ts";
import { lastFiles, waitForFiles, type WaitOptions } from "./wait-for-files.ts";
import type { TransferLimits } from "./with-flat-files.ts";
import { withSources } from "./with-sources.ts";

export interface HybridOptions extends PlanOptions {
  /** Whether flat files stay in the data directory once they are read. */
  readonly keepFiles: boolean;
  readonly limits: TransferLimits;
  /** Coarser bars to keep up to date from now on, beside those that are kept already. */
  readonly timeframes: readonly KeptTimeframe[];
  readonly sync: Pick<SyncOptions, "retryTimeoutMs">;
  /** How long to wait for the flat files of the last session; null not to. */
  readonly wait: WaitOptions | null;
}

/** What the main job came to. */
export interface HybridResult extends FillResult {
  readonly from: string;
  readonly to: string;
  readonly selection: SymbolSelection;
  /** What the subscription is known to refuse, if days are missing for it. */
  readonly refusals: readonly KnownRefusal[];
  /** Symbols that have no bar on any of the days, for no reason that is known: misspelt, most likely. */
  readonly symbolsWithoutBars: readonly string[];
  /** What the API would have brought for far less than the flat files; null if it would not. */
  readonly cheaper: CheaperWay | null;
  /** What became of the coarser bars; null if none are kept. */
  readonly derived: AggregateResult | null;
  /** Null if no database is set. */
  readonly sync: SyncResult | null;
}

/**
 * The main job: flat files for what is published, the API for what is not yet, then Postgres if one is set.
 * Days that fail are reported in the result; the others are safe in the cache.
 * @throws BackfillError if nothing can be read at all: no keys, wrong keys.
 */
export async function hybrid(context: RunContext, options: HybridOptions): Promise<HybridResult> {
  const { databaseUrl, table } = context.settings;
  // Said before the first byte is fetched, not after the last.
  if (databaseUrl !== null) parseTarget(databaseUrl, table);
  noteHistoryStart(context, options);
  await removeStaleParts(context.settings.dataDir);
  await finishDeletions(context);
  return recorded(
    context,
    "hybrid",
    (meter, watched) =>
      withSources(watched, options, async (flatFiles) =>
        fillAndSync(await afterWaiting(watched, options, flatFiles), options, flatFiles, meter),
      ),
    leftUndone,
  );
}

/** The plan of the main job, without doing any of it. */
export async function dryRun(context: RunContext, options: HybridOptions): Promise<RunPlan> {
  return withSources(context, options, (flatFiles) => planRun(context, options, flatFiles));
}

/** Waits for late files if it is wanted; the answer is the context of the moment after it. */
async function afterWaiting(
  context: RunContext,
  { selection, to, wait, recheckEntitlements }: HybridOptions,
  flatFiles: FlatFiles | null,
): Promise<RunContext> {
  if (wait === null) return context;
  if (flatFiles === null) {
    context.progress.info("Nothing to wait for: this run reads no flat files from S3.");
    return context;
  }
  const refused = recallRefusals(context.cache, context.nowMs, { recheck: recheckEntitlements }).files;
  const files = lastFiles(datasetsOf(selection), context.nowMs).filter(
    ({ dataset, date }) => date <= to && date > (refused.get(dataset)?.to ?? ""),
  );
  if (files.length === 0)
    context.progress.info(
      "Nothing to wait for: the last session's flat files are not among these days, or not in the plan.",
    );
  await waitForFiles(context, flatFiles, files, wait);
  return { ...context, nowMs: wait.clock.now() };
}

async function fillAndSync(
  context: RunContext,
  options: HybridOptions,
  flatFiles: FlatFiles | null,
  meter: RunMeter,
): Promise<HybridResult> {
  const { cache, settings } = context;
  const { from, to, selection } = options;
  const runPlan = await planRun(context, options, flatFiles);
  const { plan, transfer, cheaper } = runPlan;
  if (flatFiles !== null) await announceTransfer(context, flatFiles, transfer, options.keepFiles);
  await track(cache, selection, context.nowMs);
  await keepTimeframes(cache, options.timeframes, context.nowMs);
  const tally = new FillTally(plan);
  const onRead = options.keepFiles ? undefined : deleteOnceRead(context, plan.files);
  await meter.time("filesMs", () => fillFromFiles(context, flatFiles, plan, tally, onRead));
  if (settings.rest !== null) {
    const rest = openApi(context, settings.rest, options.requestsPerMinute);
    await meter.timeRequests(options.requestsPerMinute, () =>
      fillFromApi(context, rest, plan.requests, tally),
    );
  }
  const second = await meter.time("filesMs", () => fallBack(context, flatFiles, runPlan, tally, options));
  await noteWaiting(context, [...plan.days, ...second.days]);
  const filled = tally.result();
  meter.moved({
    downloadedBytes: filled.files.bytes,
    readBytes: plan.files.reduce((sum, { file }) => sum + (file.local ? file.sizeBytes : 0), 0),
    requests: filled.requests,
    barsCached: filled.bars.cached,
  });
  const failing = new Set(filled.failures.map(({ dataset }) => dataset));
  const withoutReason = withoutTickers(selection, [...plan.days, ...second.days].filter(isNotHad));
  const symbolsWithoutBars = withoutReason
    .filter(({ dataset }) => !failing.has(dataset))
    .filter((symbol) => barsBetween(cache, symbol, from, to) === 0)
    .map(({ symbol }) => symbol);
  const refusals = filled.days.denied === 0 ? [] : knownRefusals(cache, selection, context.nowMs);
  const derived = await aggregateKept(context);
  const synced = await meter.time("syncMs", () => syncAfterFill(context, options.sync));
  meter.moved({ barsSynced: synced?.bars ?? 0 });
  return { from, to, selection, ...filled, refusals, symbolsWithoutBars, cheaper, derived, sync: synced };
}

function isNotHad({ action }: PlannedDay): boolean {
  return action === "wait" || action === "denied" || action === "miss";
}

/** The symbols of which none of these days is. */
function withoutTickers({ symbols }: SymbolSelection, days: readonly PlannedDay[]): TrackedSymbol[] {
  const tickers = new Set(days.map(({ dataset, ticker }) => `${dataset} ${ticker}`));
  return symbols.filter(({ dataset, ticker }) => !tickers.has(`${dataset} ${ticker}`));
}

function noteHistoryStart({ progress }: RunContext, { selection, from }: HybridOptions): void {
  for (const dataset of datasetsOf(selection)) {
    const { historyStart } = DATASET_FACTS[dataset];
    if (from < historyStart)
      progress.info(`The vendor's ${dataset} begin on ${historyStart}: earlier days are left out.`);
  }
}
