import type { BatchKey } from "../../cache/bars.ts";
import { wrongSummaries } from "../../cache/day-series.ts";
import { countBars, orphanBars } from "../../cache/integrity.ts";
import type { Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay, epochDayOf } from "../../core/dates.ts";
import { plural } from "../../core/format.ts";
import type { Task } from "../../core/progress.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE } from "../../core/timeframes.ts";
import type { RunContext } from "../context.ts";
import { minuteText } from "./bar-text.ts";
import { dayRules, type DayRules } from "./day-rules.ts";
import type { FaultKind } from "./fault-kinds.ts";
import type { Findings } from "./findings.ts";
import { judgeBars } from "./judge-bars.ts";
import { judgeBatch, type HeldBatch, type ManifestFault } from "./judge-batch.ts";
import { jumpLimit } from "./jump-limit.ts";
import { lookAtBatch } from "./look-at-batch.ts";
import { readable } from "./readable.ts";
import type { Repairs } from "./repairs.ts";
import { SameDays } from "./same-days.ts";
import { batchesInScope, type VerifyOptions, type VerifyScope } from "./scope.ts";
import { Turns } from "./turns.ts";

/** Bars that no source can have given. */
const IMPOSSIBLE: ReadonlySet<FaultKind> = new Set([
  "no-number",
  "negative-volume",
  "high-low",
  "part-minute",
  "wrong-date",
]);

/** Where what is found goes. */
interface Outcome {
  readonly findings: Findings;
  readonly repairs: Repairs;
  readonly task: Task;
}

/** Checks the days of symbols, one batch in memory at a time. */
export class SymbolCheck {
  readonly #context: RunContext;
  readonly #scope: VerifyScope;
  readonly #options: VerifyOptions;
  readonly #outcome: Outcome;
  readonly #turns: Turns;
  readonly #rules = new Map<string, DayRules>();

  constructor(context: RunContext, scope: VerifyScope, options: VerifyOptions, outcome: Outcome) {
    this.#context = context;
    this.#scope = scope;
    this.#options = options;
    this.#outcome = outcome;
    this.#turns = new Turns(context.signal);
  }

  /** Looks at every batch of a symbol in the scope's days, and without a range at bars that are in none. */
  async run(symbol: TrackedSymbol): Promise<void> {
    const { cache } = this.#context;
    const { findings } = this.#outcome;
    const place = { where: `the days of ${symbol.symbol}`, ...placeOf(symbol, null) };
    const known = readable(findings, place, () => batchesInScope(cache, symbol, this.#scope));
    if (known === null) return;
    findings.looked("symbols", 1);
    await this.#checkSummaries(symbol, known.symbolId);
    const sameDays = new SameDays();
    let bars = 0;
    for (const batch of known.batches) {
      const held = await this.#checkBatch(symbol, batch, sameDays);
      bars += held?.bars.length ?? 0;
    }
    if (this.#scope.range === null) await this.#checkOrphans(symbol, known.symbolId, bars);
  }

  /** Status reads nothing else of a day. */
  async #checkSummaries(symbol: TrackedSymbol, symbolId: number): Promise<void> {
    const { findings, repairs } = this.#outcome;
    const place = { where: "the list of days", ...placeOf(symbol, null) };
    const days = readable(findings, place, () => wrongSummaries(this.#context.cache, symbolId));
    for (const epochDay of days ?? []) {
      const date = dateOfEpochDay(epochDay);
      const { range } = this.#scope;
      if (range !== null && (date < range.from || date > range.to)) continue;
      findings.fault({
        kind: "summary",
        ...placeOf(symbol, date),
        detail: "what status reads of the day is not what the manifest says of it",
      });
      await repairs.renewSummary({ symbolId, timeframeMinutes: ONE_MINUTE, epochDay });
    }
  }

  async #checkBatch(symbol: TrackedSymbol, key: BatchKey, sameDays: SameDays): Promise<HeldBatch | null> {
    const { findings, repairs, task } = this.#outcome;
    const date = dateOfEpochDay(key.epochDay);
    const place = { where: "the bars", ...placeOf(symbol, date) };
    const held = readable(findings, place, () => lookAtBatch(this.#context.cache, key));
    if (held === null) return null;
    const { bars } = held;
    const rules = this.#rulesOf(symbol.dataset, date);
    findings.looked("days", 1);
    findings.looked("bars", bars.length);
    const fault = judgeBatch(held, rules.session);
    if (fault !== null) await this.#tellManifestFault(symbol, held, fault, rules);
    const barRules = {
      ...rules,
      positivePrices: symbol.dataset !== "indices",
      jumpPercent: jumpLimit(symbol, this.#options.jumpPercent),
    };
    const barFaults = judgeBars(bars, barRules);
    for (const { kind, detail } of barFaults) findings.fault({ kind, ...placeOf(symbol, date), detail });
    if (fault === null && barFaults.some(({ kind }) => IMPOSSIBLE.has(kind)))
      await repairs.markUnread(held.batch);
    const copyOf = sameDays.add(date, bars);
    if (copyOf !== null)
      findings.fault({
        kind: "same-bars",
        ...placeOf(symbol, date),
        detail: `the ${plural(bars.length, "bar")} of ${copyOf}, to the minute and the digit`,
      });
    task.advance(bars.length);
    await this.#turns.after(bars.length);
    return held;
  }

  async #tellManifestFault(
    symbol: TrackedSymbol,
    { batch }: HeldBatch,
    { kind, detail }: ManifestFault,
    { date }: DayRules,
  ): Promise<void> {
    const { findings, repairs } = this.#outcome;
    findings.fault({ kind, ...placeOf(symbol, date), detail });
    if (kind === "session-count") await repairs.recount(batch);
    else if (kind !== "marked-unread") await repairs.markUnread(batch);
  }

  /** Looks for bars in no batch; only if there are other bars than were seen, since that takes another pass. */
  async #checkOrphans(symbol: TrackedSymbol, symbolId: number, seenBars: number): Promise<void> {
    const { cache } = this.#context;
    const { findings, repairs } = this.#outcome;
    const place = { where: "the list of bars", ...placeOf(symbol, null) };
    const orphans = readable(findings, place, () =>
      countBars(cache, symbolId) === seenBars ? [] : orphanBars(cache, symbolId),
    );
    for (const { date, bars, firstMs, hasBatch } of orphans ?? []) {
      const first = `${plural(bars, "bar")}, the first at ${minuteText(firstMs, date)}`;
      const detail = hasBatch ? `${first}, far from the day they name` : first;
      findings.fault({ kind: "orphan-bars", ...placeOf(symbol, date), detail });
      const key = { symbolId, timeframeMinutes: ONE_MINUTE, epochDay: epochDayOf(date) };
      await (hasBatch ? repairs.removeStrays(key) : repairs.markUnread(key));
    }
  }

  /** Working out hours takes longer than looking at the few bars of an option. */
  #rulesOf(dataset: Dataset, date: string): DayRules {
    const name = `${dataset} ${date}`;
    const known = this.#rules.get(name);
    if (known !== undefined) return known;
    const rules = dayRules(dataset, date);
    this.#rules.set(name, rules);
    return rules;
  }
}

function placeOf({ dataset, symbol }: TrackedSymbol, date: string | null) {
  return { dataset, symbol, date };
}
