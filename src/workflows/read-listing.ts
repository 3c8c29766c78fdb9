import { forEachAtOnce } from "../core/at-once.ts";
import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { listMonth } from "../massive/flat-files.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";

const MONTHS_AT_ONCE = 8;

/** What is published for these dates; null without a connection, the error if the listing cannot be had now. */
export async function readListing(
  context: RunContext,
  flatFiles: FlatFiles | null,
  dataset: Dataset,
  dates: readonly string[],
): Promise<FlatFile[] | BackfillError | null> {
  if (flatFiles === null) return null;
  try {
    return await listDates(context, flatFiles, dataset, dates);
  } catch (error) {
    if (!(error instanceof BackfillError) || error.kind !== "source") throw error;
    context.progress.warn(`${error.message}. The run goes on without the ${dataset} flat files.`);
    return error;
  }
}

/** The published flat files of the months of these dates, in no order. */
export async function listDates(
  context: RunContext,
  flatFiles: FlatFiles,
  dataset: Dataset,
  dates: readonly string[],
): Promise<FlatFile[]> {
  const months = [...new Set(dates.map((date) => date.slice(0, 7)))];
  const objects: FlatFile[] = [];
  await forEachAtOnce(months, MONTHS_AT_ONCE, async (month) => {
    context.progress.detail(`list ${dataset} ${month}`);
    objects.push(...(await listMonth(flatFiles, dataset, month, context.signal)));
  });
  return objects;
}
