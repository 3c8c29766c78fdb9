import { forEachInOrder } from "../../core/at-once.ts";
import { barsOfOtherDays, batchBars } from "../../cache/bars.ts";
import type { Bar } from "../../core/bar.ts";
import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import { CHICAGO, dateInZone, NEW_YORK, newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import { minuteBarPages } from "../../massive/aggregates.ts";
import type { RestClient } from "../../massive/rest-client.ts";
import type { RunContext } from "../context.ts";
import { openApi } from "../open-api.ts";
import { compareWithApi } from "./compare-api.ts";
import { finalDays, type FinalDay } from "./final-days.ts";
import { Findings } from "./findings.ts";
import { isPlanRefusal } from "./plan-refusal.ts";
import { rangesOf, sampleOf } from "./sample.ts";
import type { Check } from "./verify.ts";

const SAMPLE_DAYS = 5;
const MOST_SAMPLED = 100;
const AT_ONCE = 8;

/**
 * Fetches days by the API and compares them with the bars of their flat files, minute by minute: every day of a range, or
 * without one a few of each symbol, others every day.
 */
export const checkApi: Check = async (context, scope, { requestsPerMinute }) => {
  const { settings, progress, nowMs } = context;
  if (settings.rest === null) throw noKey();
  const findings = new Findings("api");
  const all = finalDays(context, scope, "flatfile", findings);
  const days = scope.range === null ? sampled(all, newYorkDate(nowMs)) : all;
  if (days.length < all.length)
    findings.note(
      `A sample of ${plural(all.length, "day")}; all of a range with --days=N, or --from and --to.`,
    );
  const rest = openApi(context, settings.rest, requestsPerMinute);
  const questions = questionsOf(days);
  const task = progress.task({ label: "compare with the API", total: questions.length, unit: "requests" });
  const check = new ApiCheck(context, rest, findings);
  await forEachInOrder(
    questions,
    AT_ONCE,
    (question) => check.ask(question),
    async (answer, question) => {
      check.compare(question, answer);
      task.advance(1);
    },
  );
  task.done();
  check.noteRefusals();
  return findings.result();
};

function noKey(): BackfillError {
  return new BackfillError({
    kind: "settings",
    help: "api-key",
    operation: "compare with the REST API",
    reason: "MASSIVE_API_KEY is not set",
    nextStep: "Put MASSIVE_API_KEY into .env.local; the key is on the Massive dashboard.",
  });
}

/** A few days of each symbol; of many symbols fewer each, and of too many only some. */
function sampled(days: readonly FinalDay[], today: string): FinalDay[] {
  const bySymbol = [...Map.groupBy(days, nameOf)];
  const names = new Set(
    sampleOf(
      bySymbol.map(([name]) => name),
      MOST_SAMPLED,
      today,
    ),
  );
  const each = Math.max(1, Math.min(SAMPLE_DAYS, Math.floor(MOST_SAMPLED / Math.max(1, names.size))));
  return bySymbol.flatMap(([name, ofSymbol]) => {
    if (!names.has(name)) return [];
    const dates = new Set(
      sampleOf(
        ofSymbol.map(({ date }) => date),
        each,
        `${today} ${name}`,
      ),
    );
    return ofSymbol.filter(({ date }) => dates.has(date));
  });
}

function nameOf({ symbol }: FinalDay): string {
  return `${symbol.dataset} ${symbol.ticker}`;
}

function questionsOf(days: readonly FinalDay[]): FinalDay[][] {
  return [...Map.groupBy(days, nameOf).values()].flatMap((ofSymbol) => {
    const byDate = new Map(ofSymbol.map((day) => [day.date, day]));
    return rangesOf([...byDate.keys()]).map((dates) => dates.flatMap((date) => byDate.get(date) ?? []));
  });
}

/** The bars of an answer by date, or the plan's refusal; null if there was no use in asking. */
type Answer = ReadonlyMap<string, readonly Bar[]> | BackfillError | null;

class ApiCheck {
  readonly #context: RunContext;
  readonly #rest: RestClient;
  readonly #findings: Findings;
  /** Symbols of which the plan includes no day at all: asked for no more. */
  readonly #hopeless = new Set<string>();
  /** By symbol, the days that the plan does not include. */
  readonly #refused = new Map<string, { readonly ticker: string; readonly reason: string; days: number }>();

  constructor(context: RunContext, rest: RestClient, findings: Findings) {
    this.#context = context;
    this.#rest = rest;
    this.#findings = findings;
  }

  /** Asks for days of one symbol at once. */
  async ask(days: readonly FinalDay[]): Promise<Answer> {
    const [first, last] = [days[0], days.at(-1)];
    if (first === undefined || last === undefined || this.#hopeless.has(nameOf(first))) return null;
    const { dataset, ticker } = first.symbol;
    const onSent = () => this.#findings.looked("requests", 1);
    const question = { dataset, ticker, from: first.date, to: last.date, onSent };
    const byDate = new Map<string, Bar[]>(days.map(({ date }) => [date, []]));
    const { dayTimeZone } = DATASET_FACTS[dataset];
    try {
      for await (const { bars } of minuteBarPages(this.#rest, question, this.#context.signal))
        for (const bar of bars) byDate.get(dateInZone(bar.windowStartMs, dayTimeZone))?.push(bar);
      return byDate;
    } catch (error) {
      if (!isPlanRefusal(error)) throw error;
      if (error.code === "not-entitled") this.#hopeless.add(nameOf(first));
      return error;
    }
  }

  compare(days: readonly FinalDay[], answer: Answer): void {
    if (answer instanceof Map) for (const day of days) this.#compareDay(day, answer.get(day.date) ?? []);
    else this.#refuse(days, answer instanceof BackfillError ? answer.reason : "");
  }

  /** Tells of each symbol how many days the plan does not include. */
  noteRefusals(): void {
    for (const { ticker, reason, days } of this.#refused.values())
      this.#findings.note(`${ticker} not compared on ${plural(days, "day")}: ${reason}.`);
  }

  #refuse(days: readonly FinalDay[], reason: string): void {
    const [first] = days;
    if (first === undefined) return;
    const known = this.#refused.get(nameOf(first)) ?? { ticker: first.symbol.ticker, reason, days: 0 };
    known.days += days.length;
    this.#refused.set(nameOf(first), known);
  }

  /** The day of a file may be cut at another midnight than the API's: what lies beyond is the neighbour's. */
  #compareDay({ symbol, date, key }: FinalDay, byApi: readonly Bar[]): void {
    const { cache } = this.#context;
    const { dayTimeZone } = DATASET_FACTS[symbol.dataset];
    const bars = batchBars(cache, key);
    const ours = bars.filter((bar) => dateInZone(bar.windowStartMs, dayTimeZone) === date);
    const [first, last] = [byApi[0], byApi.at(-1)];
    const elsewhere = new Set(
      first === undefined || last === undefined
        ? []
        : barsOfOtherDays(cache, key, first.windowStartMs, last.windowStartMs).map(
            (bar) => bar.windowStartMs,
          ),
    );
    this.#findings.looked("days", 1);
    this.#findings.looked("bars", ours.length);
    const held = new Set(ours.map((bar) => bar.windowStartMs));
    const isOurs = ({ windowStartMs }: Bar) =>
      held.has(windowStartMs) ||
      (!elsewhere.has(windowStartMs) && isSurelyOn(symbol.dataset, date, windowStartMs));
    const theirs = byApi.filter(isOurs);
    for (const { kind, detail } of compareWithApi(date, ours, theirs))
      this.#findings.fault({ kind, dataset: symbol.dataset, symbol: symbol.symbol, date, detail });
  }
}

/**
 * Whether a minute belongs to the file of `date` wherever the vendor cuts its days. That is not known of indices and of
 * pairs (by the clocks of Chicago, New York or UTC): minutes about midnight may be the neighbouring file's.
 */
function isSurelyOn(dataset: Dataset, date: string, windowStartMs: number): boolean {
  if (dataset !== "indices" && dataset !== "forex") return true;
  return [CHICAGO, NEW_YORK, "UTC"].every((zone) => dateInZone(windowStartMs, zone) === date);
}
