import { dirname } from "node:path";
import { knownSymbols } from "../../cache/symbols.ts";
import { plural } from "../../core/format.ts";
import type { RunContext } from "../context.ts";
import { Account } from "./account.ts";
import { removeAbandoned } from "./atomic-file.ts";
import { filesToDelete, filesToWrite, type Decision } from "./decide.ts";
import { assertNothingLost, assertSameFormat } from "./keep-earlier.ts";
import { inventoryOf } from "./inventory.ts";
import { leftOutText } from "./left-out.ts";
import type { ExportOptions, ExportResult } from "./options.ts";
import { assertSomething, assertTimeframes, planExport, type ExportPlan } from "./plan-export.ts";
import { BarReader } from "./read-bars.ts";
import { resultOf } from "./result.ts";
import type { ExportedFile } from "./state.ts";
import { pathOf, writeExport } from "./write-file.ts";

type ExportContext = Pick<RunContext, "cache" | "progress" | "signal">;

/** What was done so far. */
interface Totals {
  readonly written: ExportedFile[];
  deleted: number;
}

/**
 * Writes bars of the cache to a file, or to a folder of partitions of which it keeps account. Works beside a run: each file
 * is of one moment.
 * @throws BackfillError (usage) if there is nothing to export or a file would lose what it holds, (cache) if the disk does
 * not take it; the signal's reason if that is aborted. What is done by then stays, and is known to the next export.
 */
export async function exportBars(context: ExportContext, options: ExportOptions): Promise<ExportResult> {
  const { progress, signal } = context;
  const plan = planOf(context, options);
  const account = new Account(options, dirname(context.cache.path), (message) => progress.warn(message));
  const { write, unchanged, doomed } = whatToDo(context, options, plan, account);
  const totals: Totals = { written: [], deleted: 0 };
  try {
    signal.throwIfAborted();
    account.announce(write.map(({ file }) => file));
    await writeFiles(context, options, write, account, totals);
    for (const path of [...doomed.map((file) => file.path), ...othersToDelete(account, progress)]) {
      account.remove(path);
      totals.deleted++;
    }
  } catch (error) {
    account.saveAfterFailure();
    throw error;
  }
  account.save();
  return resultOf(options, { ...plan, ...totals, unchanged });
}

function planOf({ cache, progress }: ExportContext, options: ExportOptions): ExportPlan {
  const { series, unreadDays } = inventoryOf(cache, options.symbols, options.timeframes);
  if (unreadDays > 0)
    progress.warn(
      `left out: ${plural(unreadDays, "day")} whose bars are not to be trusted until hybrid has read them again`,
    );
  assertTimeframes(options, series);
  const plan = planExport(cache, options, series);
  if (plan.leftOut.length > 0) progress.warn(leftOutText(plan.leftOut));
  return plan;
}

/** Which files are written, which are deleted, and how many stay as they are; refused if one would lose what it holds. */
function whatToDo(
  { cache, progress }: ExportContext,
  options: ExportOptions,
  plan: ExportPlan,
  account: Account,
) {
  const { exported, others, unusable } = account;
  const sizeOf = (path: string) => account.sizeOf(path);
  const doomed = filesToDelete(plan.empty, exported, sizeOf);
  assertSomething(options, plan, doomed);
  const { incremental } = options;
  const { write, unchanged } = filesToWrite(plan.files, exported, { sizeOf, incremental });
  if (!options.isFolder) return { write, unchanged, doomed };
  assertSameFormat(options, others, plan);
  if (options.replace && unusable !== null) progress.warn(`everything is written: ${unusable}`);
  if (!options.replace) {
    const hasOtherSymbols = knownSymbols(cache).length > options.symbols.length;
    const files = [...write.map(({ file }) => file), ...doomed];
    assertNothingLost(options, files, { exported, sizeOf, unusable, hasOtherSymbols });
  }
  return { write, unchanged, doomed };
}

/** The files of other formats that are as an export left them; the rest is nobody's business any more. */
function othersToDelete(account: Account, progress: RunContext["progress"]): string[] {
  return [...account.others].flatMap(([path, { sizeBytes }]) => {
    if (account.sizeOf(path) === sizeBytes) return [path];
    progress.warn(`left as it is, for somebody changed it: ${path}`);
    account.forget(path);
    return [];
  });
}

/** The folders in which something is written. */
function foldersOf(options: ExportOptions, write: readonly Decision[]): Set<string> {
  const folders = write.map(({ file }) => dirname(pathOf(options, file)));
  return new Set(options.isFolder ? [options.out, ...folders] : folders);
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
    for (const folder of foldersOf(options, write)) removeAbandoned(folder);
    for (const { file, reason } of write) {
      signal.throwIfAborted();
      progress.detail(`write ${file.path}: ${reason}`);
      const done = await writeExport(cache, file, options, reader);
      if (done !== null) {
        account.note(file.path, done);
        totals.written.push(done);
      } else if (account.isAsWritten(file.path)) {
        account.remove(file.path);
        totals.deleted++;
      } else account.forget(file.path);
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
}
