import { daysWithoutFile, tickersOfFile } from "../../cache/file-batches.ts";
import { flatFileVersions, isDownloaded, type FlatFileVersion } from "../../cache/flat-files.ts";
import { knownSymbols } from "../../cache/symbols.ts";
import { DATASETS, type Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { plural } from "../../core/format.ts";
import type { Task } from "../../core/progress.ts";
import type { RunContext } from "../context.ts";
import { localFilePath, localFiles } from "../local-files.ts";
import { FileComparison, type DifferingDay } from "./file-comparison.ts";
import { Findings } from "./findings.ts";
import { fileIdentity, readKeptFile } from "./kept-file.ts";
import { Repairs } from "./repairs.ts";
import type { VerifyScope } from "./scope.ts";
import type { Check } from "./verify.ts";

/** Reads the kept flat files again and compares them with what was downloaded and with the cache. */
export const checkFiles: Check = async (context, scope, options) => {
  const findings = new Findings("files");
  const repairs = new Repairs(context.cache, options.repair);
  const kept: KeptFile[] = [];
  for (const dataset of DATASETS) kept.push(...(await keptFiles(context, scope, dataset)));
  const total = kept.reduce((sum, { version }) => sum + version.sizeBytes, 0);
  const task = context.progress.task({ label: "read the flat files again", total, unit: "bytes" });
  for (const file of kept) {
    context.signal.throwIfAborted();
    await checkFile(context, file, { findings, repairs, task });
  }
  task.done();
  for (const dataset of DATASETS) await noteOthers(context, scope, dataset, findings);
  repairs.tell(findings);
  return findings.result();
};

/** A version that lies in the data directory, and whose bars of it are compared. */
interface KeptFile {
  readonly dataset: Dataset;
  readonly version: FlatFileVersion;
  readonly path: string;
  /** The file as it was when the check began. */
  readonly identity: string;
  /** The tickers whose bars are compared, if they were read from it. */
  readonly asked: ReadonlySet<string>;
  /** Whether every ticker of it was read and every one is asked for, so that none may be missing in the cache. */
  readonly isEveryTicker: boolean;
}

async function keptFiles(
  { cache, settings }: RunContext,
  scope: VerifyScope,
  dataset: Dataset,
): Promise<KeptFile[]> {
  const asked = tickersOf(scope, dataset);
  if (asked.size === 0) return [];
  const { from, to } = rangeOf(scope);
  const isWholeDataset = knownSymbols(cache).every(
    (symbol) => symbol.dataset !== dataset || asked.has(symbol.ticker),
  );
  const kept: KeptFile[] = [];
  for (const version of flatFileVersions(cache, dataset, from, to)) {
    if (version.downloadedAtMs === null) continue;
    const path = localFilePath(settings.dataDir, dataset, dateOfEpochDay(version.epochDay));
    const isEveryTicker = isWholeDataset && version.allTickersRead === 1;
    kept.push({ dataset, version, path, identity: await fileIdentity(path), asked, isEveryTicker });
  }
  return kept;
}

interface Outcome {
  readonly findings: Findings;
  readonly repairs: Repairs;
  readonly task: Task;
}

async function checkFile(context: RunContext, kept: KeptFile, outcome: Outcome): Promise<void> {
  const { cache, signal } = context;
  const { dataset, version, path, asked, isEveryTicker } = kept;
  const { findings, repairs, task } = outcome;
  const date = dateOfEpochDay(version.epochDay);
  const tickers = tickersOfFile(cache, version.id, version.epochDay).filter((ticker) => asked.has(ticker));
  const comparison = new FileComparison(cache, dataset, version);
  const fault = await readKeptFile(
    { path, date, wanted: isEveryTicker ? "all" : new Set(tickers) },
    version,
    {
      signal,
      onRaw: (bytes) => task.advance(bytes.length),
      onBlock: (ticker, bars) => comparison.put(ticker, bars),
    },
  );
  // A run beside us may have put another version there, or deleted it.
  const isReplaced = async () =>
    !isDownloaded(cache, version.id) || (await fileIdentity(path)) !== kept.identity;
  if (fault !== null && (await isReplaced())) {
    findings.note(`${dataset} ${date}: a run has replaced the file meanwhile; check it again.`);
    return;
  }
  findings.looked("files", 1);
  findings.looked("bytes", version.sizeBytes);
  if (fault !== null) {
    findings.fault({ ...fault, dataset, symbol: null, date });
    if (fault.kind === "file-missing") await repairs.noteGone(dataset, date, version);
    return;
  }
  findings.looked("bars", comparison.bars);
  for (const day of comparison.finish(tickers)) await tellDifferences(day, outcome);
}

async function tellDifferences({ symbol, date, differences }: DifferingDay, outcome: Outcome): Promise<void> {
  for (const { kind, detail } of differences)
    outcome.findings.fault({ kind, dataset: symbol.dataset, symbol: symbol.symbol, date, detail });
  // What two files say differently, reading one again does not settle.
  if (differences.some(({ kind }) => kind !== "minute-twice"))
    await outcome.repairs.markSymbolUnread(symbol, date);
}

const MOST_NAMED = 5;

/** Notes what there is beside the files that were looked at. */
async function noteOthers(
  { cache, settings }: RunContext,
  scope: VerifyScope,
  dataset: Dataset,
  findings: Findings,
): Promise<void> {
  const asked = tickersOf(scope, dataset);
  if (asked.size === 0) return;
  const range = rangeOf(scope);
  const days = daysWithoutFile(cache, dataset, [...asked], range);
  if (days > 0)
    findings.note(
      `${dataset}: ${plural(days, "day")} of symbols were read from files that are not here any more.`,
    );
  const known = new Set(
    flatFileVersions(cache, dataset, range.from, range.to)
      .filter(({ downloadedAtMs }) => downloadedAtMs !== null)
      .map(({ epochDay }) => dateOfEpochDay(epochDay)),
  );
  const others = [...(await localFiles(settings.dataDir, dataset)).keys()].filter(
    (date) => date >= range.from && date <= range.to && !known.has(date),
  );
  if (others.length === 0) return;
  const names = others.slice(0, MOST_NAMED).join(", ");
  findings.note(
    `${dataset}: ${plural(others.length, "file")} in the folder that no run has read yet: ${names}${others.length > MOST_NAMED ? ", …" : ""}.`,
  );
}

function tickersOf({ symbols }: VerifyScope, dataset: Dataset): Set<string> {
  return new Set(symbols.filter((symbol) => symbol.dataset === dataset).map(({ ticker }) => ticker));
}

function rangeOf({ range }: VerifyScope): { readonly from: string; readonly to: string } {
  return range ?? { from: "1970-01-01", to: "2999-12-31" };
}
