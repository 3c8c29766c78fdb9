import { formatBytes, plural } from "../../core/format.ts";
import type { FileToJudge, KeepReason } from "../../workflows/prune/plan-prune.ts";
import type { PruneResult } from "../../workflows/prune/prune.ts";

const WHY_KEPT: Readonly<Record<KeepReason, string>> = {
  recent: "within --keep-days",
  fits: "within --max-size",
  unread: "not read yet: `hybrid` or `parse` reads them",
  unsynced: "not synced to Postgres yet: `sync` brings them",
  unknown: "not in the cache: `parse` reads them",
  changed: "not as they were downloaded: `verify --files` tells more",
};

const MOST_FAILURES_SHOWN = 3;

/** What a prune did, or would do. */
export function pruneText(result: PruneResult, isDryRun: boolean): string {
  const { remove, keep, excessBytes, failed } = result;
  const freed = `${plural(remove.length, "flat file")}, ${formatBytes(sumOf(remove))}`;
  const lines: string[] = [];
  if (remove.length === 0) lines.push(failed.length > 0 ? "Nothing was deleted." : "Nothing to delete.");
  else lines.push(isDryRun ? `Would delete ${freed} (nothing was done):` : `Deleted ${freed}:`);
  for (const files of Map.groupBy(remove, ({ dataset }) => dataset).values())
    lines.push(`  ${spanText(files)}`);
  if (keep.length > 0)
    lines.push(
      `${isDryRun ? "Would keep" : "Kept"} ${plural(keep.length, "flat file")}, ${formatBytes(sumOf(keep))}:`,
    );
  for (const [reason, files] of Map.groupBy(keep, (file) => file.reason))
    lines.push(`  ${plural(files.length, "file")}, ${formatBytes(sumOf(files))}: ${WHY_KEPT[reason]}`);
  if (excessBytes > 0)
    lines.push(
      `That is still ${formatBytes(excessBytes)} more than --max-size (--force deletes what is needed too).`,
    );
  for (const { error, hint } of failed.slice(0, MOST_FAILURES_SHOWN)) lines.push(`✖ ${error}\n  → ${hint}`);
  if (failed.length > MOST_FAILURES_SHOWN)
    lines.push(
      `  … and ${failed.length - MOST_FAILURES_SHOWN} more that could not be deleted (all with --json)`,
    );
  return `${lines.join("\n")}\n`;
}

/** The same for machines. */
export function pruneJson({ remove, keep, excessBytes, failed }: PruneResult): object {
  return {
    freed: { files: remove.length, bytes: sumOf(remove) },
    kept: { files: keep.length, bytes: sumOf(keep) },
    excessBytes,
    deletedFiles: remove.map(fileJson),
    keptFiles: keep.map((file) => ({ ...fileJson(file), reason: file.reason })),
    failures: failed.map((file) => ({ ...fileJson(file), error: file.error, hint: file.hint })),
  };
}

function fileJson({ dataset, date, sizeBytes }: FileToJudge) {
  return { dataset, date, bytes: sizeBytes };
}

function spanText(files: readonly FileToJudge[]): string {
  const [first, last] = [files[0], files.at(-1)];
  const span = first?.date === last?.date ? first?.date : `${first?.date} to ${last?.date}`;
  return `${first?.dataset} ${span}: ${plural(files.length, "file")}, ${formatBytes(sumOf(files))}`;
}

function sumOf(files: readonly FileToJudge[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
