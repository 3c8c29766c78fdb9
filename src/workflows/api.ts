import { track } from "../cache/symbols.ts";
import { BackfillError } from "../core/errors.ts";
import type { SymbolSelection } from "../core/symbols.ts";
import { openRest } from "../massive/rest-client.ts";
import type { RunContext } from "./context.ts";
import { fillFromApi } from "./fill-cache.ts";
import { makePlan, type Plan } from "./plan.ts";
import { survey } from "./survey.ts";
import { FillTally, type FillResult } from "./tally.ts";

export interface ApiOptions {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
}

/** What asking the API came to, in the form of `--json`. */
export type ApiResult = FillResult & { readonly from: string; readonly to: string };

/**
 * Fills days by the REST API alone. Days that came from a flat file stay as they are.
 * @throws BackfillError (settings) without an API key, or if it is refused.
 */
export async function apiBackfill(context: RunContext, options: ApiOptions): Promise<ApiResult> {
  const { rest } = context.settings;
  if (rest === null)
    throw new BackfillError({
      kind: "settings",
      operation: "ask the REST API",
      reason: "MASSIVE_API_KEY is not set",
      nextStep: "Put MASSIVE_API_KEY into .env.local; the key is on the Massive dashboard.",
    });
  const plan = await planApi(context, options);
  await track(context.cache, options.selection, context.nowMs);
  const tally = new FillTally(plan);
  await fillFromApi(context, openRest(rest), plan.requests, tally);
  return { from: options.from, to: options.to, ...tally.result() };
}

/** What `apiBackfill` would ask. */
export async function planApi(context: RunContext, options: ApiOptions): Promise<Plan> {
  return makePlan(await survey(context, { ...options, flatFiles: null, useFiles: false, api: true }));
}
