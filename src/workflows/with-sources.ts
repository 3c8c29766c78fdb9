import { BackfillError } from "../core/errors.ts";
import type { Source } from "../core/sources.ts";
import type { SymbolSelection } from "../core/symbols.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import { withFlatFiles, type TransferLimits } from "./with-flat-files.ts";

/** Where a run takes bars from, and of what. */
interface SourceOptions {
  readonly source: Source;
  readonly selection: SymbolSelection;
  readonly limits: TransferLimits;
}

/**
 * Does `work` with the sources that are set and wanted; no connection to flat files if they are not.
 * @throws BackfillError (settings or usage) if what is set cannot bring what is wanted.
 */
export async function withSources<T>(
  context: RunContext,
  { source, selection, limits }: SourceOptions,
  work: (flatFiles: FlatFiles | null) => Promise<T>,
): Promise<T> {
  const { s3, rest } = context.settings;
  if (s3 === null && rest === null) throw noSource();
  if (source === "flatfiles" && s3 === null) throw sourceNotSet(source);
  if (source === "api") {
    if (rest === null) throw sourceNotSet(source);
    if (selection.wholeDatasets.length > 0) throw everyTickerByApi();
    return work(null);
  }
  if (s3 === null && selection.wholeDatasets.length > 0) throw everyTickerNeedsFiles();
  if (s3 === null) context.progress.info("No S3 keys are set: everything comes from the REST API.");
  if (rest === null && source !== "flatfiles")
    context.progress.info("No API key is set: days without a flat file wait until theirs is published.");
  return s3 === null ? work(null) : withFlatFiles(s3, limits, context.progress, work);
}

function sourceNotSet(source: "flatfiles" | "api"): BackfillError {
  const isApi = source === "api";
  return new BackfillError({
    kind: "settings",
    help: isApi ? "api-key" : "s3-keys",
    operation: `take everything from ${isApi ? "the REST API" : "flat files"}`,
    reason: isApi ? "MASSIVE_API_KEY is not set" : "no S3 keys are set",
    nextStep: `Set ${isApi ? "it" : "MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY"} in .env.local, or leave --source out.`,
  });
}

function everyTickerNeedsFiles(): BackfillError {
  return new BackfillError({
    kind: "settings",
    operation: "take every ticker of a dataset",
    reason: "no S3 keys are set, and the REST API has no question for every ticker",
    nextStep: "Set MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY in .env.local, or name the symbols.",
  });
}

function everyTickerByApi(): BackfillError {
  return new BackfillError({
    kind: "usage",
    operation: "take every ticker from the REST API",
    reason: "it has no question for every ticker of a dataset",
    nextStep: "Name the symbols, or leave --source out.",
  });
}

function noSource(): BackfillError {
  return new BackfillError({
    kind: "settings",
    operation: "connect to Massive",
    reason: "neither S3 keys nor an API key are set",
    nextStep:
      "Put MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY (and MASSIVE_API_KEY for recent days) into .env.local, or try `massive-backfill demo`, which needs no account.",
  });
}
