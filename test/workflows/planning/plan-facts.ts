import { DATASETS, type Dataset } from "../../../src/core/datasets.ts";
import { newYorkDate } from "../../../src/core/dates.ts";
import { BackfillError } from "../../../src/core/errors.ts";
import { parseSymbol } from "../../../src/core/symbols.ts";
import type {
  AvailableFile,
  KnownBatch,
  PlanFacts,
  Refusal,
  Route,
} from "../../../src/workflows/planning/facts.ts";

import { makePlan, type Plan } from "../../../src/workflows/planning/plan.ts";

/** What a test says about the world; the rest is as on a machine with nothing on it. */
export interface Given {
  /** Symbols as a user writes them. */
  readonly symbols?: readonly string[];
  readonly wholeDatasets?: readonly Dataset[];
  readonly from: string;
  readonly to?: string;
  /** How far back days are looked at again; `from` if nothing is said. */
  readonly revisitFrom?: string;
  /** When the plan is made, ISO 8601. */
  readonly now?: string;
  readonly route?: Route;
  readonly files?: readonly AvailableFile[];
  /** The last date whose flat file the vendor refuses. */
  readonly filesRefusedTo?: Partial<Record<Dataset, string>>;
  readonly api?: boolean;
  /** By ticker, the last date that the API refuses. */
  readonly apiRefusedTo?: Readonly<Record<string, string>>;
  /** What became of the listing of every dataset; `none` if there are no S3 keys. */
  readonly listing?: "read" | "none" | "unreadable";
  /** By `ticker date`. */
  readonly batches?: Readonly<Record<string, KnownBatch>>;
  /** `dataset date etag` of files that were read whole. */
  readonly allRead?: readonly string[];
}

/** Monday noon in New York, when the files of the Friday before are long due. */
export const MONDAY_NOON = "2024-11-25T12:00:00-05:00";

/** What the vendor says to a flat file, and to a question, that the subscription does not include. */
export const FILE_SENTENCE = "forbidden";
export const API_SENTENCE = "You are not entitled to this data.";

export const LISTING_ERROR = new BackfillError({
  kind: "source",
  code: "unreachable",
  operation: "list us_indices/",
  reason: "the flat files cannot be reached",
  nextStep: "Check the network.",
});

function refusal(to: string | undefined, sentence: string): Refusal | null {
  return to === undefined ? null : { to, sentence, seenAtMs: 0 };
}

export function factsOf(given: Given): PlanFacts {
  const nowMs = Date.parse(given.now ?? MONDAY_NOON);
  const files = new Map<Dataset, Map<string, AvailableFile>>();
  for (const one of given.files ?? [])
    files.set(one.dataset, (files.get(one.dataset) ?? new Map()).set(one.date, one));
  const listing = given.listing ?? "read";
  return {
    selection: {
      symbols: (given.symbols ?? []).map((text) => parseSymbol(text)),
      wholeDatasets: given.wholeDatasets ?? [],
    },
    from: given.from,
    to: given.to ?? given.from,
    revisitFrom: given.revisitFrom ?? given.from,
    nowMs,
    today: newYorkDate(nowMs),
    route: () => given.route ?? "files first",
    files,
    listings: new Map(
      listing === "none"
        ? []
        : DATASETS.map((dataset) => [dataset, listing === "read" ? listing : LISTING_ERROR]),
    ),
    fileRefusals: new Map(
      DATASETS.flatMap((dataset) => {
        const known = refusal(given.filesRefusedTo?.[dataset], FILE_SENTENCE);
        return known === null ? [] : [[dataset, known] as const];
      }),
    ),
    api: given.api ?? false,
    apiRefusal: ({ ticker }) => refusal(given.apiRefusedTo?.[ticker], API_SENTENCE),
    batch: ({ ticker }, date) => given.batches?.[`${ticker} ${date}`] ?? null,
    allTickersRead: (dataset, date, etag) =>
      given.allRead?.some((version) =>
        etag === null ? version.startsWith(`${dataset} ${date} `) : version === `${dataset} ${date} ${etag}`,
      ) ?? false,
  };
}

/** The plan that the guide's rule makes of a survey. */
export function planByRule(facts: Omit<PlanFacts, "route">): Plan {
  return makePlan({ ...facts, route: () => "files first" });
}

/** A published flat file that is not on this machine. */
export function file(dataset: Dataset, date: string, fields: Partial<AvailableFile> = {}): AvailableFile {
  return {
    dataset,
    date,
    key: `${dataset}/${date}.csv.gz`,
    etag: `${date} first`,
    sizeBytes: 1000,
    lastModifiedMs: null,
    local: false,
    ...fields,
  };
}

/** A batch of 390 bars of the session that was read from the first version of the flat file of `date`. */
export function fromFile(date: string, fields: Partial<KnownBatch> = {}): KnownBatch {
  const bars = { barCount: 390, sessionBarCount: 390 };
  return { source: "flatfile", etag: `${date} first`, ...bars, readAtMs: 0, ...fields };
}

/** A batch of 390 bars of the session that the API gave at `readAt` (ISO 8601). */
export function fromApi(readAt: string, fields: Partial<KnownBatch> = {}): KnownBatch {
  const bars = { barCount: 390, sessionBarCount: 390 };
  return { source: "api", etag: null, ...bars, readAtMs: Date.parse(readAt), ...fields };
}
