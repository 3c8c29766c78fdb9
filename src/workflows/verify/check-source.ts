import { batchBars } from "../../cache/bars.ts";
import { forEachInOrder } from "../../core/at-once.ts";
import type { Bar } from "../../core/bar.ts";
import { BackfillError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import type { Task } from "../../core/progress.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { fetchDayFile } from "../../massive/day-files.ts";
import type { RestClient } from "../../massive/rest-client.ts";
import type { FlatFiles } from "../../massive/s3-client.ts";
import type { RunContext } from "../context.ts";
import { openApi } from "../open-api.ts";
import { withFlatFiles } from "../with-flat-files.ts";
import { disagreements, type Disagreement } from "./day-agreement.ts";
import { barsOfDayFile, type DayFileBars } from "./day-file-bars.ts";
import { entitledDayBars, type EntitledDayBars } from "./entitled-day-bars.ts";
import { finalDays, type FinalDay } from "./final-days.ts";
import { Findings } from "./findings.ts";
import { isPlanRefusal } from "./plan-refusal.ts";
import type { VerifyOptions } from "./scope.ts";
import { Turns } from "./turns.ts";
import type { Check } from "./verify.ts";

const AT_ONCE = 8;

/** What came of asking for a file of day bars. */
type Fetched = Uint8Array | "not published" | "refused";

/**
 * Compares the vendor's own bars of whole days with what our minutes say: from the flat files of days where the plan
 * includes them, else by the API, a question a symbol.
 */
export const checkSource: Check = async (context, scope, options) => {
  const { settings, progress } = context;
  const findings = new Findings("source");
  if (settings.s3 === null && settings.rest === null) throw noSource();
  const check = new SourceCheck(context, options, findings);
  const days = finalDays(context, scope, "any", findings);
  const task = progress.task({ label: "compare with day bars", total: days.length, unit: "requests" });
  const byApi =
    settings.s3 === null
      ? days
      : await withFlatFiles(settings.s3, {}, progress, (flatFiles) => check.byFiles(flatFiles, days, task));
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
  readonly #turns: Turns;

  constructor(context: RunContext, options: VerifyOptions, findings: Findings) {
    this.#context = context;
    this.#options = options;
    this.#findings = findings;
    this.#turns = new Turns(context.signal);
  }

  /** Compares days with the files of day bars; returns those that the plan does not let us read so. */
  async byFiles(flatFiles: FlatFiles, days: readonly FinalDay[], task: Task): Promise<FinalDay[]> {
    const refused: FinalDay[][] = [];
    let unpublished = 0;
    const files = [...Map.groupBy(days, ({ symbol, date }) => `${symbol.dataset} ${date}`).values()];
    await forEachInOrder(
      files.toSorted(([a], [b]) => ((a?.date ?? "") < (b?.date ?? "") ? -1 : 1)),
      AT_ONCE,
      (ofFile) => this.#fetch(flatFiles, ofFile),
      async (file, ofFile) => {
        if (file === "refused") {
          refused.push(ofFile);
          return;
        }
        if (file === "not published") unpublished++;
        else await this.#compareWithFile(file, ofFile);
        task.advance(ofFile.length);
      },
    );
    if (unpublished > 0)
      this.#findings.note(`${plural(unpublished, "file")} of day bars not published, not compared.`);
    return refused.flat();
  }

  async #fetch(flatFiles: FlatFiles, [first]: readonly FinalDay[]): Promise<Fetched> {
    if (first === undefined) return "not published";
    const { symbol, date } = first;
    try {
      return (await fetchDayFile(flatFiles, symbol.dataset, date, this.#context.signal)) ?? "not published";
    } catch (error) {
      if (isPlanRefusal(error)) return "refused";
      throw error;
    }
  }

  async #compareWithFile(file: Uint8Array, days: readonly FinalDay[]): Promise<void> {
    this.#findings.looked("files", 1);
    const read = this.#read(file, days);
    if (read === null) return;
    for (const day of days) {
      const { ticker } = day.symbol;
      await this.#judge(day, read.bars.get(ticker) ?? read.bad.get(ticker));
    }
  }

  /** The day bars of a file; null for one that cannot be used, which is told. */
  #read(file: Uint8Array, days: readonly FinalDay[]): DayFileBars | null {
    const date = days[0]?.date ?? "";
    try {
      return barsOfDayFile(file, date, new Set(days.map(({ symbol }) => symbol.ticker)));
    } catch (error) {
      if (!(error instanceof BackfillError)) throw error;
      this.#findings.note(`${date} not compared: ${error.message}.`);
      return null;
    }
  }

  async byApi(days: readonly FinalDay[], task: Task): Promise<void> {
    const { settings } = this.#context;
    if (settings.rest === null) {
      this.#findings.note(
        `${plural(days.length, "day")} not compared: your plan has no files of their day bars, and MASSIVE_API_KEY is not set.`,
      );
      return;
    }
    const rest = openApi(this.#context, settings.rest, this.#options.requestsPerMinute);
    const symbols = [...Map.groupBy(days, ({ symbol }) => `${symbol.dataset} ${symbol.ticker}`).values()];
    await forEachInOrder(
      symbols,
      AT_ONCE,
      (ofSymbol) => this.#ask(rest, ofSymbol),
      async (answer, ofSymbol) => {
        await this.#compareWithAnswer(answer, ofSymbol);
        task.advance(ofSymbol.length);
      },
    );
  }

  async #ask(rest: RestClient, days: readonly FinalDay[]): Promise<EntitledDayBars | null> {
    const [first] = days;
    if (first === undefined) return null;
    const onSent = () => this.#findings.looked("requests", 1);
    const dates = days.map(({ date }) => date).toSorted((a, b) => (a < b ? -1 : 1));
    return entitledDayBars(rest, { symbol: first.symbol, dates, onSent }, this.#context.signal);
  }

  async #compareWithAnswer(answer: EntitledDayBars | null, days: readonly FinalDay[]): Promise<void> {
    const [first] = days;
    if (answer === null || first === undefined) return;
    const { bars, bad, from, refusal } = answer;
    const included = days.filter(({ date }) => from !== null && date >= from);
    if (refusal !== null) {
      const refused = plural(days.length - included.length, "day");
      this.#findings.note(`${first.symbol.ticker} not compared on ${refused}: ${refusal.reason}.`);
    }
    for (const day of included) await this.#judge(day, bars.get(day.date) ?? bad.get(day.date));
  }

  /** `vendor` is the day bar, or why it cannot be one; undefined if there is none. */
  async #judge({ symbol, date, key }: FinalDay, vendor: Bar | string | undefined): Promise<void> {
    const findings = this.#findings;
    const bars = batchBars(this.#context.cache, key);
    await this.#turns.after(bars.length);
    findings.looked("days", 1);
    findings.looked("bars", bars.length);
    const place = placeOf(symbol, date);
    if (typeof vendor === "string") {
      findings.fault({ kind: "day-differs", ...place, detail: `the day bar cannot be one, ${vendor}` });
      return;
    }
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
