import { statSync } from "node:fs";
import { barsBetween } from "../../cache/batches.ts";
import { brokenLinks, integrityFaults } from "../../cache/integrity.ts";
import { sameFiles } from "../../cache/flat-files.ts";
import { DATASETS } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { formatBytes, plural } from "../../core/format.ts";
import { waitingDays } from "../aggregate/waiting-days.ts";
import type { RunContext } from "../context.ts";
import { checkDerived } from "./derived-check.ts";
import { Findings } from "./findings.ts";
import { readable } from "./readable.ts";
import { Repairs } from "./repairs.ts";
import type { VerifyScope } from "./scope.ts";
import { SymbolCheck } from "./symbol-check.ts";
import type { Check } from "./verify.ts";

/** Checks the cache in itself: the file, then each day's bars against the manifest and against what bars can be. */
export const checkCache: Check = async (context, scope, options) => {
  const { cache, signal, progress } = context;
  const findings = new Findings("cache");
  checkDatabase(context, findings);
  signal.throwIfAborted();
  const task = progress.task({ label: "check the cache", total: barsInScope(context, scope), unit: "bars" });
  const repairs = new Repairs(cache, options.repair);
  const symbolCheck = new SymbolCheck(context, scope, options, { findings, repairs, task });
  for (const symbol of scope.symbols) {
    await symbolCheck.run(symbol);
    await checkDerived(context, symbol, scope, { findings, repairs });
  }
  noteWaiting(context, scope, findings);
  checkSameFiles(context, scope, findings);
  task.done();
  repairs.tell(findings);
  return findings.result();
};

const WHOLE_FILE = { dataset: null, symbol: null, date: null } as const;

/** Beyond this SQLite's own check takes so long that somebody may think that nothing happens. */
const LARGE_BYTES = 300e6;

function checkDatabase({ cache, progress }: RunContext, findings: Findings): void {
  const bytes = statSync(cache.path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LARGE_BYTES)
    progress.info(`SQLite checks its file first: ${formatBytes(bytes)}, which takes a while`);
  const lines = readable(findings, { where: "the file", ...WHOLE_FILE }, () => integrityFaults(cache));
  for (const detail of lines ?? []) findings.fault({ kind: "database", ...WHOLE_FILE, detail });
  const links = readable(findings, { where: "the links", ...WHOLE_FILE }, () => brokenLinks(cache));
  for (const { table, parent, rows } of links ?? []) {
    // A batch without its file is told with the batch.
    if (table === "batches" && parent === "flat_files") continue;
    const detail = `${plural(rows, "row")} of ${table} without the row of ${parent} they name`;
    findings.fault({ kind: "broken-link", ...WHOLE_FILE, detail });
  }
}

/** Bars that there are to look at, by the manifest. */
function barsInScope({ cache }: RunContext, { symbols, range }: VerifyScope): number {
  const { from, to } = range ?? { from: "1970-01-01", to: "2999-12-31" };
  // A damaged file is told when its bars are looked at.
  const nobody = new Findings("cache");
  const of = { where: "", ...WHOLE_FILE };
  return symbols.reduce(
    (sum, symbol) => sum + (readable(nobody, of, () => barsBetween(cache, symbol, from, to)) ?? 0),
    0,
  );
}

function noteWaiting({ cache }: RunContext, { symbols, range }: VerifyScope, findings: Findings): void {
  // A damaged file is told where the coarser bars are compared.
  const of = { where: "", ...WHOLE_FILE };
  const days = readable(new Findings("cache"), of, () => waitingDays(cache, symbols, range)) ?? 0;
  if (days > 0)
    findings.note(
      `Coarser bars of ${plural(days, "day")} wait to be made from ${days === 1 ? "its" : "their"} present minutes, and were not compared: run aggregate.`,
    );
}

function checkSameFiles({ cache }: RunContext, { symbols, range }: VerifyScope, findings: Findings): void {
  for (const dataset of DATASETS) {
    if (!symbols.some((symbol) => symbol.dataset === dataset)) continue;
    const place = { dataset, symbol: null, date: null };
    const same = readable(findings, { where: "the list of flat files", ...place }, () =>
      sameFiles(cache, dataset),
    );
    for (const { etag, epochDays } of same ?? []) {
      const dates = epochDays.map(dateOfEpochDay);
      const [first, ...others] = dates;
      const isInScope = dates.some((date) => range === null || (date >= range.from && date <= range.to));
      if (first === undefined || !isInScope) continue;
      findings.fault({
        kind: "same-file",
        dataset,
        symbol: null,
        date: first,
        detail: `the same file as that of ${others.join(", ")} (ETag ${etag})`,
      });
    }
  }
}
