import type { Dataset } from "../../core/datasets.ts";
import type { FaultKind } from "./fault-kinds.ts";

/** The ways in which bars can be checked, each by a flag of its own but the first. */
export type CheckName = "cache" | "files" | "target" | "source" | "api";

/** One thing that is not as it should be. */
export interface Fault {
  readonly kind: FaultKind;
  readonly dataset: Dataset | null;
  /** Name in `historical_bars`; null for what concerns every symbol. */
  readonly symbol: string | null;
  /** `YYYY-MM-DD`; null for what concerns every day. */
  readonly date: string | null;
  /** Both numbers, in words: `390 bars by the manifest, 389 in the cache`. */
  readonly detail: string;
}

/** What a check came to, in the form of `verify --json`. */
export interface CheckResult {
  readonly check: CheckName;
  /** What was looked at, counted: `{ batches: 252, bars: 98_280 }`. */
  readonly lookedAt: Readonly<Record<string, number>>;
  readonly faultCount: number;
  /** How many there are of each kind; kinds without faults are left out. */
  readonly kinds: Readonly<Partial<Record<FaultKind, number>>>;
  /** The first of each kind, at most `MAX_FAULTS_KEPT` of it. */
  readonly faults: readonly Fault[];
  /** What the user should know and that is no fault. */
  readonly notes: readonly string[];
}

/** Of a cache that is wrong all over, nobody reads every line, and they would fill the memory. */
const MAX_FAULTS_KEPT = 1000;

/** Gathers what a check looks at and finds. */
export class Findings {
  readonly #check: CheckName;
  readonly #lookedAt: Record<string, number> = {};
  readonly #counts = new Map<FaultKind, number>();
  readonly #faults: Fault[] = [];
  readonly #notes: string[] = [];

  constructor(check: CheckName) {
    this.#check = check;
  }

  /** Counts what was looked at; `unit` is a plural noun such as `bars`. */
  looked(unit: string, amount: number): void {
    this.#lookedAt[unit] = (this.#lookedAt[unit] ?? 0) + amount;
  }

  fault(fault: Fault): void {
    const count = (this.#counts.get(fault.kind) ?? 0) + 1;
    this.#counts.set(fault.kind, count);
    if (count <= MAX_FAULTS_KEPT) this.#faults.push(fault);
  }

  /** Adds a sentence that is no fault. */
  note(sentence: string): void {
    this.#notes.push(sentence);
  }

  result(): CheckResult {
    let faultCount = 0;
    for (const count of this.#counts.values()) faultCount += count;
    return {
      check: this.#check,
      lookedAt: this.#lookedAt,
      faultCount,
      kinds: Object.fromEntries(this.#counts),
      faults: this.#faults,
      notes: this.#notes,
    };
  }
}
