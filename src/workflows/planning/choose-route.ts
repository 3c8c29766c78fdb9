import { DATASETS, type Dataset } from "../../core/datasets.ts";
import type { Source } from "../../core/sources.ts";
import { datasetsOf } from "../../core/symbols.ts";
import { costOf, type PlanCost, type Speeds } from "./cost.ts";
import type { PlanFacts, Route } from "./facts.ts";
import { makePlan, type Plan } from "./plan.ts";

const ROUTES = {
  auto: "files first",
  flatfiles: "files only",
  api: "API only",
} as const satisfies Partial<Record<Source, Route>>;

/** The plan by the sources that the user wants; `facts.route` counts for nothing. */
export function planBySource(facts: Omit<PlanFacts, "route">, source: Source, speeds: Speeds): Plan {
  if (source !== "cheapest") return makePlan({ ...facts, route: () => ROUTES[source] });
  const byFiles = makePlan({ ...facts, route: () => "files first" });
  const byApi = makePlan({ ...facts, route: () => "API first" });
  const isApiCheaper = (dataset: Dataset) =>
    costOf(partOf(byApi, dataset), speeds).seconds < costOf(partOf(byFiles, dataset), speeds).seconds;
  const cheaper = new Set(DATASETS.filter(isApiCheaper));
  return makePlan({ ...facts, route: (dataset) => (cheaper.has(dataset) ? "API first" : "files first") });
}

/** Days that flat files bring and the API would bring with far less. */
export interface CheaperWay {
  /** What flat files take for them. */
  readonly byFiles: PlanCost;
  /** What the API would take. */
  readonly byApi: PlanCost;
}

/** The API has to be so many times faster to be worth a word. */
const WORTH_A_WORD = 5;
const WORTH_A_WORD_BYTES = 100e6;

/** Whether the API would be far cheaper than the flat files that a plan by the guide's rule downloads; null if not. */
export function cheaperWay(facts: Omit<PlanFacts, "route">, plan: Plan, speeds: Speeds): CheaperWay | null {
  if (!facts.api || !plan.files.some(({ file }) => !file.local)) return null;
  const byApi = makePlan({ ...facts, route: () => "API first" });
  const cheaper = new Set(
    datasetsOf(facts.selection).filter(
      (dataset) =>
        costOf(partOf(plan, dataset), speeds).seconds >
        WORTH_A_WORD * costOf(partOf(byApi, dataset), speeds).seconds,
    ),
  );
  const costs = (whole: Plan) =>
    costOf(
      {
        files: whole.files.filter(({ file }) => cheaper.has(file.dataset)),
        requests: whole.requests.filter(({ symbol }) => cheaper.has(symbol.dataset)),
      },
      speeds,
    );
  const way = { byFiles: costs(plan), byApi: costs(byApi) };
  return way.byFiles.bytes - way.byApi.bytes >= WORTH_A_WORD_BYTES ? way : null;
}

function partOf(plan: Plan, dataset: Dataset): Pick<Plan, "files" | "requests"> {
  return {
    files: plan.files.filter(({ file }) => file.dataset === dataset),
    requests: plan.requests.filter(({ symbol }) => symbol.dataset === dataset),
  };
}
