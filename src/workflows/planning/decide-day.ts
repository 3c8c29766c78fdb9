import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import type { BackfillError } from "../../core/errors.ts";
import { flatFileDueMs, isFinalAnswer, isLongOverdue } from "../../core/publication.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import type { AvailableFile, KnownBatch, PlanFacts, Refusal } from "./facts.ts";

/**
 * What is done about a day.
 * `keep` nothing, it is here · `read file` · `ask API` · `wait` nobody has it yet · `miss` it should be there and is
 * not · `denied` not in the plan · `none` there is nothing to have.
 */
type PlanAction = "keep" | "read file" | "ask API" | "wait" | "miss" | "denied" | "none";

/** Why. */
type PlanReason =
  | "up to date"
  | "known to be absent"
  | "flat file published"
  | "flat file republished"
  | "local file reused"
  | "not published yet, so API"
  | "flat files not in the plan, so API"
  | "no flat files, so API"
  | "API is cheaper"
  | "API chosen"
  | "not published yet"
  | "never published"
  | "the listing could not be read"
  | "not in the plan"
  | "nothing to read it from"
  | "closed"
  | "before the vendor's history"
  | "in the future";

/** What to do about a day, and why. */
export interface Decision {
  readonly action: PlanAction;
  readonly reason: PlanReason;
  /** What the vendor says to it, where it refuses something. */
  readonly sentence?: string;
}

/** Decides about one symbol on one date. */
export function decideDay(facts: PlanFacts, symbol: TrackedSymbol, date: string): Decision {
  const { dataset } = symbol;
  const impossible = noBarsPossible(facts, dataset, date);
  if (impossible !== null) return { action: "none", reason: impossible };
  const route = facts.route(dataset);
  const batch = facts.batch(symbol, date);
  const file = fileOf(facts, dataset, date);
  if (batch === null && facts.allTickersRead(dataset, date, file?.etag ?? null))
    return { action: "keep", reason: "known to be absent" };
  if (batch?.source === "flatfile" && (file === undefined || file.etag === batch.etag)) return kept(batch);
  if (file?.local) return { action: "read file", reason: "local file reused" };
  const mayFetch = file !== undefined && fileRefusal(facts, dataset, date) === null;
  // Bars of a flat file are replaced by those of its next version only.
  if (batch?.source === "flatfile")
    return mayFetch ? { action: "read file", reason: "flat file republished" } : kept(batch);
  const answered = batch?.source === "api" && isFinalAnswer(dataset, date, batch);
  const mayAsk = facts.api && route !== "files only" && apiRefusal(facts, symbol, date) === null;
  if (route === "API first" && answered) return UP_TO_DATE;
  if (route === "API first" && mayAsk) return { action: "ask API", reason: "API is cheaper" };
  if (mayFetch) return { action: "read file", reason: "flat file published" };
  if (answered) return UP_TO_DATE;
  const reason = mayAsk ? reasonToAsk(facts, dataset, date) : null;
  if (reason !== null) return { action: "ask API", reason };
  return notToBeHad(facts, symbol, date, batch);
}

/** Decides about one date of a whole dataset: the REST API has no question for every ticker, so it is never asked. */
export function decideWholeDay(facts: PlanFacts, dataset: Dataset, date: string): Decision {
  const impossible = noBarsPossible(facts, dataset, date);
  if (impossible !== null) return { action: "none", reason: impossible };
  const file = fileOf(facts, dataset, date);
  if (facts.allTickersRead(dataset, date, file?.etag ?? null))
    return { action: "keep", reason: "up to date" };
  if (file === undefined) return notPublished(facts, dataset, date);
  if (file.local) return { action: "read file", reason: "local file reused" };
  const refusal = fileRefusal(facts, dataset, date);
  if (refusal !== null) return denied(refusal);
  const isRepublished = facts.allTickersRead(dataset, date, null);
  return { action: "read file", reason: isRepublished ? "flat file republished" : "flat file published" };
}

function noBarsPossible(facts: PlanFacts, dataset: Dataset, date: string): PlanReason | null {
  if (date < DATASET_FACTS[dataset].historyStart) return "before the vendor's history";
  if (sessionOf(dataset, date) === null) return "closed";
  return date > facts.today ? "in the future" : null;
}

function fileOf(facts: PlanFacts, dataset: Dataset, date: string): AvailableFile | undefined {
  return facts.route(dataset) === "API only" ? undefined : facts.files.get(dataset)?.get(date);
}

function listingOf(facts: PlanFacts, dataset: Dataset): "read" | BackfillError | undefined {
  return facts.route(dataset) === "API only" ? undefined : facts.listings.get(dataset);
}

const UP_TO_DATE: Decision = { action: "keep", reason: "up to date" };

function kept(batch: KnownBatch): Decision {
  return batch.barCount === 0 ? { action: "keep", reason: "known to be absent" } : UP_TO_DATE;
}

function denied({ sentence }: Refusal): Decision {
  return { action: "denied", reason: "not in the plan", sentence };
}

function fileRefusal(facts: PlanFacts, dataset: Dataset, date: string): Refusal | null {
  const refusal = facts.fileRefusals.get(dataset);
  return refusal !== undefined && date <= refusal.to ? refusal : null;
}

function apiRefusal(facts: PlanFacts, symbol: TrackedSymbol, date: string): Refusal | null {
  const refusal = facts.apiRefusal(symbol);
  return refusal !== null && date <= refusal.to ? refusal : null;
}

/** Why the API is asked for a day without a flat file that could be fetched; null if it is better to wait for one. */
function reasonToAsk(facts: PlanFacts, dataset: Dataset, date: string): PlanReason | null {
  if (facts.route(dataset) === "API only") return "API chosen";
  if (fileOf(facts, dataset, date) !== undefined) return "flat files not in the plan, so API";
  const listing = listingOf(facts, dataset);
  if (listing === undefined) return "no flat files, so API";
  // Whether the file of an earlier day is there, nobody can tell now.
  if (listing !== "read" && facts.nowMs >= flatFileDueMs(date)) return null;
  return "not published yet, so API";
}

/** A day that neither a flat file nor the API can give now. */
function notToBeHad(
  facts: PlanFacts,
  symbol: TrackedSymbol,
  date: string,
  batch: KnownBatch | null,
): Decision {
  const { dataset } = symbol;
  const isPublished = fileOf(facts, dataset, date) !== undefined;
  const ofFile = isPublished ? fileRefusal(facts, dataset, date) : null;
  if (ofFile !== null) return denied(ofFile);
  const asksApi = facts.api && facts.route(dataset) !== "files only";
  const ofApi = asksApi ? apiRefusal(facts, symbol, date) : null;
  // A day that may still be published as a flat file is waited for.
  if (ofApi !== null && listingOf(facts, dataset) === undefined) return denied(ofApi);
  const decision = notPublished(facts, dataset, date);
  // Bars are there, if not all: better than nothing, and `status` tells.
  const hasBars = batch !== null && batch.barCount > 0;
  if (decision.reason === "never published" && hasBars)
    return { action: "wait", reason: "not published yet" };
  const sentence = decision.action === "wait" ? ofApi?.sentence : undefined;
  return sentence === undefined ? decision : { ...decision, sentence };
}

function notPublished(facts: PlanFacts, dataset: Dataset, date: string): Decision {
  const listing = listingOf(facts, dataset);
  if (listing === undefined) return { action: "wait", reason: "nothing to read it from" };
  if (listing !== "read")
    return { action: "miss", reason: "the listing could not be read", sentence: listing.message };
  return isLongOverdue(date, facts.nowMs)
    ? { action: "miss", reason: "never published" }
    : { action: "wait", reason: "not published yet" };
}
