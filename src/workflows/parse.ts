import { track } from "../cache/symbols.ts";
import type { SymbolSelection } from "../core/symbols.ts";
import type { RunContext } from "./context.ts";
import { aggregateKept, type AggregateResult } from "./aggregate/aggregate.ts";
import { fillFromFiles } from "./fill-cache.ts";
import { costed, type CostedPlan } from "./plan-run.ts";
import { makePlan } from "./planning/plan.ts";
import { leftUndone, recorded } from "./run-record.ts";
import { measuredSpeeds } from "./speeds.ts";
import { NOTHING_ASKED, survey } from "./survey.ts";
import { FillTally, type FillResult } from "./tally.ts";

export interface ParseDownloadedOptions {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
}

/** What reading the downloaded files came to, in the form of `--json`. */
export type ParseDownloadedResult = FillResult & {
  readonly from: string;
  readonly to: string;
  /** What became of the coarser bars; null if none are kept. */
  readonly derived: AggregateResult | null;
};

/** Reads what is new in the flat files of the data directory into the cache; nothing is asked of the vendor. */
export async function parseDownloaded(
  context: RunContext,
  options: ParseDownloadedOptions,
): Promise<ParseDownloadedResult> {
  return recorded(
    context,
    "parse",
    async (meter, watched) => {
      const { plan } = await planParse(context, options);
      await track(context.cache, options.selection, context.nowMs);
      const tally = new FillTally(plan);
      await meter.time("filesMs", () => fillFromFiles(watched, null, plan, tally));
      const filled = tally.result();
      const readBytes = plan.files.reduce((sum, { file }) => sum + file.sizeBytes, 0);
      meter.moved({ readBytes, barsCached: filled.bars.cached });
      return { from: options.from, to: options.to, ...filled, derived: await aggregateKept(watched) };
    },
    leftUndone,
  );
}

/** What `parseDownloaded` would read. */
export async function planParse(context: RunContext, options: ParseDownloadedOptions): Promise<CostedPlan> {
  const facts = await survey(context, { ...NOTHING_ASKED, ...options, useFiles: true, api: false });
  const plan = makePlan({ ...facts, route: () => "files only" });
  return costed(plan, measuredSpeeds(context.cache, null));
}
