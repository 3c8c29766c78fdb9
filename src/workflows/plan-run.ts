import type { Source } from "../core/sources.ts";
import type { SymbolSelection } from "../core/symbols.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import { probeEntitlements, recallRefusals } from "./entitlement.ts";
import { readManifest } from "./manifest-facts.ts";
import { cheaperWay, planBySource, type CheaperWay } from "./planning/choose-route.ts";
import { costOf, type PlanCost, type Speeds } from "./planning/cost.ts";
import { filesToDownload, type Plan } from "./planning/plan.ts";
import { measuredSpeeds } from "./speeds.ts";
import { survey, type SurveyFacts } from "./survey.ts";
import { planTransfer, type Transfer } from "./transfer.ts";

/** What a run is to bring, and how far it may go for it. */
export interface PlanOptions {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  readonly source: Source;
  /** So many of the last published days are listed again although they were read. */
  readonly recheckDays: number;
  /** Whether what the vendor refused before is tried again now. */
  readonly recheckEntitlements: boolean;
  /** What the plan allows for each asset class; null: as fast as it goes. */
  readonly requestsPerMinute: number | null;
}

/** A plan and what it takes. */
export interface CostedPlan {
  readonly plan: Plan;
  readonly cost: PlanCost;
  /** Whether the cost is judged by earlier runs. */
  readonly isMeasured: boolean;
  /** What the API would do for far less; null if it would not, or if the user has chosen the source. */
  readonly cheaper: CheaperWay | null;
}

/** A run that was thought through but not begun. */
export interface RunPlan extends CostedPlan {
  readonly transfer: Transfer;
  /**
   * The plan of what is still to be done, by what is in the cache and known of the subscription when it is called.
   * The vendor is asked nothing; `withoutApi` if the API cannot bring anything now.
   */
  readonly again: (how: { readonly withoutApi: boolean }) => Plan;
}

/** A plan with what it takes, where there is no choice of source. */
export function costed(plan: Plan, speeds: Speeds, resumedBytes = 0): CostedPlan {
  return { plan, cost: costOf(plan, speeds, resumedBytes), isMeasured: speeds.measured, cheaper: null };
}

/** Plans a run: asks the vendor what is published and what of it may be fetched. */
export async function planRun(
  context: RunContext,
  options: PlanOptions,
  flatFiles: FlatFiles | null,
): Promise<RunPlan> {
  const { cache, settings, nowMs } = context;
  const { source } = options;
  const facts = await survey(context, {
    ...options,
    flatFiles,
    useFiles: source !== "api",
    api: settings.rest !== null,
    refusals: recallRefusals(cache, nowMs, { recheck: options.recheckEntitlements }),
  });
  const speeds = measuredSpeeds(cache, options.requestsPerMinute);
  const first = planBySource(facts, source, speeds);
  const allowed = flatFiles === null ? facts : await withProbes(context, facts, flatFiles, first);
  const plan = allowed === facts ? first : planBySource(allowed, source, speeds);
  const transfer = await planTransfer(settings.dataDir, plan.files);
  const again: RunPlan["again"] = ({ withoutApi }) => {
    const range = { from: allowed.revisitFrom, to: allowed.to };
    const now = {
      ...allowed,
      ...readManifest(cache, allowed.selection, range).facts,
      api: allowed.api && !withoutApi,
      apiRefusal: recallRefusals(cache, nowMs, { recheck: false }).api,
    };
    return planBySource(now, source, speeds);
  };
  return {
    again,
    ...costed(plan, speeds, transfer.resumedBytes),
    transfer,
    cheaper: source === "auto" ? cheaperWay(allowed, plan, speeds) : null,
  };
}

/** The facts with what the vendor refuses of the files that a plan wants to download. */
async function withProbes(
  context: RunContext,
  facts: SurveyFacts,
  flatFiles: FlatFiles,
  plan: Plan,
): Promise<SurveyFacts> {
  const wanted = filesToDownload(plan);
  if (wanted.length === 0) return facts;
  const refused = await probeEntitlements(context, flatFiles, wanted);
  if (refused.size === 0) return facts;
  return { ...facts, fileRefusals: new Map([...facts.fileRefusals, ...refused]) };
}
