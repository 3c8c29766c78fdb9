import { track } from "../cache/symbols.ts";
import { BackfillError } from "../core/errors.ts";
import type { SymbolSelection } from "../core/symbols.ts";
import type { RunContext } from "./context.ts";
import { aggregateKept, type AggregateResult } from "./aggregate/aggregate.ts";
import { fillFromApi } from "./fill-cache.ts";
import { costed, type CostedPlan } from "./plan-run.ts";
import { makePlan } from "./planning/plan.ts";
import { openApi } from "./open-api.ts";
import { leftUndone, recorded } from "./run-record.ts";
import { measuredSpeeds } from "./speeds.ts";
import { NOTHING_ASKED, survey } from "./survey.ts";
import { recallRefusals } from "./entitlement.ts";
import { FillTally, type FillResult } from "./tally.ts";

export interface ApiOptions {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  /** Whether what the vendor refused before is tried again now. */
  readonly recheckEntitlements: boolean;
  /** What the plan allows for each asset class; null: as fast as it goes. */
  readonly requestsPerMinute: number | null;
}

/** What asking the API came to, in the form of `--json`. */
export type ApiResult = FillResult & {
  readonly from: string;
  readonly to: string;
  /** What became of the coarser bars; null if none are kept. */
  readonly derived: AggregateResult | null;
};

/**
 * Fills days by the REST API alone. Days that came from a flat file stay as they are.
 * @throws BackfillError (settings) without an API key, or if it is refused.
 */
export async function apiBackfill(context: RunContext, options: ApiOptions): Promise<ApiResult> {
  const { rest } = context.settings;
  if (rest === null)
    throw new BackfillError({
      kind: "settings",
      help: "api-key",
      operation: "ask the REST API",
      reason: "MASSIVE_API_KEY is not set",
      nextStep: "Put MASSIVE_API_KEY into .env.local; the key is on the Massive dashboard.",
    });
  return recorded(
    context,
    "api",
    async (meter, watched) => {
      const { plan } = await planApi(context, options);
      await track(context.cache, options.selection, context.nowMs);
      const tally = new FillTally(plan);
      const client = openApi(watched, rest, options.requestsPerMinute);
      await meter.timeRequests(options.requestsPerMinute, () =>
        fillFromApi(watched, client, plan.requests, tally),
      );
      const filled = tally.result();
      meter.moved({ requests: filled.requests, barsCached: filled.bars.cached });
      return { from: options.from, to: options.to, ...filled, derived: await aggregateKept(watched) };
    },
    leftUndone,
  );
}

/** What `apiBackfill` would ask. */
export async function planApi(context: RunContext, options: ApiOptions): Promise<CostedPlan> {
  const refusals = recallRefusals(context.cache, context.nowMs, { recheck: options.recheckEntitlements });
  const facts = await survey(context, { ...NOTHING_ASKED, ...options, useFiles: false, api: true, refusals });
  const plan = makePlan({ ...facts, route: () => "API only" });
  return costed(plan, measuredSpeeds(context.cache, options.requestsPerMinute));
}
