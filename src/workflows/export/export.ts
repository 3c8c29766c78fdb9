import { dirname } from "node:path";
import { dateOfEpochDay } from "../../core/dates.ts";
import { plural } from "../../core/format.ts";
import { timeframeName } from "../../core/timeframes.ts";
import type { RunContext } from "../context.ts";
import { Account } from "./account.ts";
import { removeAbandoned } from "./atomic-file.ts";
import { filesToDelete, filesToWrite, type Decision } from "./decide.ts";
import { inventoryOf, type CachedSeries } from "./inventory.ts";
import { daysWithin, epochDays } from "./one-file.ts";
import type { ExportOptions, ExportResult } from "./options.ts";
import { assertSomething, assertTimeframes, planExport } from "./plan-export.ts";
import { BarReader } from "./read-bars.ts";
import { pathOf, writeExport } from "./write-file.ts";

type ExportContext = Pick<RunContext, "cache" | "progress" | "signal">;

/** What was done so far. */
interface Totals {
  written: number;
  deleted: number;
  bars: number;
  bytes: number;
}

/**
 * Writes bars of the cache to a file, or to a folder of partitions of which it keeps account. Works beside a run: each file
 * is of one moment.
 * @throws BackfillError (usage) if there is nothing to export, (cache) if the disk does not take it; the signal's reason if
 * that is aborted. What is done by then stays, and is known to the next export.
 */
export async function exportBars(context: ExportContext, options: ExportOptions): Promise<ExportResult> {
  const { progress } = context;
  const { series, unreadDays } = inventoryOf(context.cache, options.symbols, options.timeframes);
  if (unreadDays > 0)
    progress.warn(
      `left out: ${plural(unreadDays, "day")} whose bars are not to be trusted until hybrid has read them again`,
    );
  assertTimeframes(options, series);
  const { files, isInScope, nameless } = planExport(options, series);
  if (nameless.length > 0)
    progress.warn(
      `left out, for Lean has no name for them: ${nameless.map(({ ticker }) => ticker).join(", ")}`,
    );
  const account = new Account(options, (message) => progress.warn(message));
  const sizeOf = (path: string) => account.sizeOf(path);
  const doomed = filesToDelete(files, account.exported, { sizeOf, isInScope });
  assertSomething(options, files, doomed);
  const { write, unchanged } = filesToWrite(files, account.exported, {
    sizeOf,
    incremental: options.incremental,
  });
  const totals: Totals = { written: 0, deleted: 0, bars: 0, bytes: 0 };
  try {
    await writeFiles(context, options, write, account, totals);
    for (const path of doomed) {
      account.remove(path);
      totals.deleted++;
    }
  } catch (error) {
    account.saveAfterFailure();
    throw error;
  }
  account.save();
  const { written, deleted, bars, bytes } = totals;
  return { ...scopeOf(options, series), files: { written, unchanged, deleted }, bars, bytes };
}

async function writeFiles(
  context: ExportContext,
  options: ExportOptions,
  write: readonly Decision[],
  account: Account,
  totals: Totals,
): Promise<void> {
  if (write.length === 0) return;
  const { cache, progress, signal } = context;
  const total = write.reduce((sum, { file }) => sum + file.bars, 0);
  const task = progress.task({ label: `export to ${options.out}`, total, unit: "bars" });
  const reader = new BarReader(context, (bars) => task.advance(bars));
  try {
    for (const folder of new Set(write.map(({ file }) => dirname(pathOf(options, file)))))
      removeAbandoned(folder);
    for (const { file, reason } of write) {
      signal.throwIfAborted();
      progress.detail(`write ${file.path}: ${reason}`);
      const done = await writeExport(cache, file, options, reader);
      if (done !== null) {
        account.note(file.path, done);
        totals.written++;
        totals.bars += done.bars;
        totals.bytes += done.sizeBytes;
      } else if (account.exported.has(file.path)) {
        account.remove(file.path);
        totals.deleted++;
      }
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
}

/** What an export is about, in the form of its result. */
function scopeOf(
  { format, out, timeframes, range }: ExportOptions,
  series: readonly CachedSeries[],
): Pick<ExportResult, "format" | "out" | "timeframes" | "from" | "to" | "symbols"> {
  const within = series
    .map((each) => ({ ...each, days: daysWithin(each.days, epochDays(range)) }))
    .filter(({ days }) => days.length > 0);
  const first = Math.min(...within.map(({ days }) => days[0]?.epochDay ?? Number.POSITIVE_INFINITY));
  const last = Math.max(...within.map(({ days }) => days.at(-1)?.epochDay ?? Number.NEGATIVE_INFINITY));
  return {
    format,
    out,
    timeframes: timeframes.map(timeframeName),
    from: range?.from ?? dateOrNull(first),
    to: range?.to ?? dateOrNull(last),
    symbols: [...new Set(within.map(({ symbol }) => symbol.symbol))],
  };
}

function dateOrNull(epochDay: number): string | null {
  return Number.isFinite(epochDay) ? dateOfEpochDay(epochDay) : null;
}
