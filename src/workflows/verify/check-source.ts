import { forEachAtOnce } from "../../core/at-once.ts";
import { batchBars } from "../../cache/bars.ts";
import type { Bar } from "../../core/bar.ts";
import type { Dataset } from "../../core/datasets.ts";
import { addDays, dateInZone } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import type { Task } from "../../core/progress.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { dayBars } from "../../massive/aggregates.ts";
import { fetchDayFile } from "../../massive/day-files.ts";
import type { FlatFiles } from "../../massive/s3-client.ts";
import type { RunContext } from "../context.ts";
import { openApi } from "../open-api.ts";
import { withFlatFiles } from "../with-flat-files.ts";
import { barsOfDayFile } from "./day-file-bars.ts";
import { disagreements, type Disagreement } from "./day-agreement.ts";
import { finalDays, type FinalDay } from "./final-days.ts";
import { Findings } from "./findings.ts";
import { isPlanRefusal } from "./plan-refusal.ts";
import type { VerifyOptions } from "./scope.ts";
import type { Check } from "./verify.ts";

const AT_ONCE = 8;

/**
 * Compares the vendor's own bars of whole days with what our minutes say: from the flat files of days where the plan
 * includes them, else by the API, a question a symbol.
 */
export const checkSource: Check = async (context, scope, options) => {
  const { settings, cache, progress } = context;
  const findings = new Findings("source");
  const check = new SourceCheck(context, options, findings);
  const days = finalDays(cache, scope, findings);
  if (settings.s3 === null && settings.rest === null) throw noSource();
  const task = progress.task({ label: "compare with day bars", total: days.length, unit: "requests" });
  const [s3, byApi] = [settings.s3, [] as FinalDay[]];
  if (s3 === null) byApi.push(...days);
  else
    await withFlatFiles(s3, {}, progress, async (flatFiles) => {
      for (const ofDataset of Map.groupBy(days, ({ symbol }) => symbol.dataset).values())
        byApi.push(...(await check.byFiles(flatFiles, ofDataset, task)));
    });
  if (byApi.length > 0) await check.byApi(byApi, task);
  task.done();
  return findings.result();
};

function noSource(): BackfillError {
  return new BackfillError({
    kind: "settings",
    operation: "compare with the vendor's day bars",
    reason: "neither S3 keys nor an API key are set",
    nextStep: "Put MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY, or MASSIVE_API_KEY, into .env.local.",
  });
}

class SourceCheck {
  readonly #context: RunContext;
  readonly #options: VerifyOptions;
  readonly #findings: Findings;

  constructor(context: RunContext, options: VerifyOptions, findings: Findings) {
    this.#context = context;
    this.#options = options;
    this.#findings = findings;
  }

  /** Compares days of one dataset with its files of day bars; returns those that the plan does not let us read so. */
  async byFiles(flatFiles: FlatFiles, days: readonly FinalDay[], task: Task): Promise<FinalDay[]> {
    const { signal } = this.#context;
    const refused: FinalDay[] = [];
    let unpublished = 0;
    const dates = [...Map.groupBy(days, ({ date }) => date)];
    await forEachAtOnce(dates, AT_ONCE, async ([date, ofDate]) => {
      const [first] = ofDate;
      if (first === undefined) return;
      const file = await this.#fetch(flatFiles, first.symbol.dataset, date, signal);
      if (file === "refused") {
        refused.push(...ofDate);
        return;
      }
      task.advance(ofDate.length);
      if (file === null) {
        unpublished++;
        return;
      }
      this.#findings.looked("files", 1);
      const bars = this.#read(file, date, new Set(ofDate.map(({ symbol }) => symbol.ticker)));
      if (bars !== null) for (const day of ofDate) this.#judge(day, bars.get(day.symbol.ticker));
    });
    if (unpublished > 0)
      this.#findings.note(
        `${plural(unpublished, "date")} without a published file of day bars, not compared.`,
      );
    return refused;
  }

  /** The day bars of a file; null for one that cannot be used, which is told. */
  #read(file: Uint8Array, date: string, wanted: ReadonlySet<string>): ReadonlyMap<string, Bar> | null {
    try {
      return barsOfDayFile(file, date, wanted);
    } catch (error) {
      if (!(error instanceof BackfillError)) throw error;
      this.#findings.note(`${date} not compared: ${error.message}.`);
      return null;
    }
  }

  async #fetch(
    flatFiles: FlatFiles,
    dataset: Dataset,
    date: string,
    signal: AbortSignal,
  ): Promise<Uint8Array | null | "refused"> {
    try {
      return await fetchDayFile(flatFiles, dataset, date, signal);
    } catch (error) {
      if (isPlanRefusal(error)) return "refused";
      throw error;
    }
  }

  async byApi(days: readonly FinalDay[], task: Task): Promise<void> {
    const { settings, signal } = this.#context;
    if (settings.rest === null) {
      this.#findings.note(
        `${plural(days.length, "day")} not compared: your plan has no files of their day bars, and MASSIVE_API_KEY is not set.`,
      );
      return;
    }
    const rest = openApi(this.#context, settings.rest, null);
    const bySymbol = [...Map.groupBy(days, ({ symbol }) => `${symbol.dataset} ${symbol.ticker}`).values()];
    await forEachAtOnce(bySymbol, AT_ONCE, async (ofSymbol) => {
      const [first, last] = [ofSymbol[0], ofSymbol.at(-1)];
      if (first === undefined || last === undefined) return;
      const { dataset, ticker } = first.symbol;
      const onSent = () => this.#findings.looked("requests", 1);
      try {
        // Days of coins and pairs begin at midnight in UTC, when New York still has the day before.
        const question = { dataset, ticker, from: addDays(first.date, -1), to: last.date, onSent };
        const bars = new Map((await dayBars(rest, question, signal)).map((bar) => [dateOfDayBar(bar), bar]));
        for (const day of ofSymbol) this.#judge(day, bars.get(day.date));
      } catch (error) {
        if (!isPlanRefusal(error)) throw error;
        this.#findings.note(`${ticker} not compared: ${error.reason}.`);
      }
      task.advance(ofSymbol.length);
    });
  }

  #judge({ symbol, date, batch }: FinalDay, vendor: Bar | undefined): void {
    const findings = this.#findings;
    const bars = batchBars(this.#context.cache, batch);
    findings.looked("days", 1);
    findings.looked("bars", bars.length);
    const place = placeOf(symbol, date);
    if (vendor === undefined) {
      if (bars.length > 0)
        findings.fault({
          kind: "day-unknown",
          ...place,
          detail: `${plural(bars.length, "bar")}, and no day bar`,
        });
      return;
    }
    if (bars.length === 0) {
      findings.fault({
        kind: "minutes-lacking",
        ...place,
        detail: `no bars, and a day bar that closes at ${vendor.close}`,
      });
      return;
    }
    const session = sessionOf(symbol.dataset, date);
    const found = disagreements(symbol.dataset, session, bars, vendor, this.#options.tolerancePercent);
    if (found.length > 0)
      findings.fault({ kind: "day-differs", ...place, detail: found.map(inWords).join("; ") });
  }
}

function placeOf({ dataset, symbol }: TrackedSymbol, date: string) {
  return { dataset, symbol, date };
}

function inWords({ field, vendor, ours }: Disagreement): string {
  return `${field} ${vendor} by the day bar, ${Number(ours.toFixed(6))} by the minutes`;
}

/** The stamp is a midnight west of Greenwich, or there: it lies on its date in UTC. */
function dateOfDayBar({ windowStartMs }: Bar): string {
  return dateInZone(windowStartMs, "UTC");
}
