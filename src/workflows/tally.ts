import type { DayChanges, Replaced } from "../cache/day-writer.ts";
import type { Dataset } from "../core/datasets.ts";
import type { ApiAnswer } from "./ask-api.ts";
import type { Failure } from "./failures.ts";
import type { FileRead } from "./read-file.ts";
import type { Plan, PlannedDay } from "./planning/plan.ts";

/** What filling the cache came to, in the form of `--json`. A day is one date of one dataset. */
export interface FillResult {
  readonly days: {
    readonly flatfile: number;
    readonly api: number;
    readonly skipped: number;
    readonly pending: number;
    readonly denied: number;
    readonly failed: number;
  };
  readonly files: { readonly downloaded: number; readonly reused: number; readonly bytes: number };
  readonly bars: { readonly cached: number; readonly changed: number; readonly rejected: number };
  /** Days of API bars that their flat file has replaced, and days whose flat file was published anew. */
  readonly replaced: { readonly provisional: ReplacedDays; readonly republished: ReplacedDays };
  readonly requests: number;
  readonly failures: readonly Failure[];
}

/** Days whose bars were replaced, and how the bars differ. */
export interface ReplacedDays {
  readonly days: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Counts what happens while a plan is carried out. */
export class FillTally {
  readonly #plan: Plan;
  readonly #flatfile = new Set<string>();
  readonly #api = new Set<string>();
  #downloaded = 0;
  #reused = 0;
  #bytes = 0;
  #cached = 0;
  #changed = 0;
  #rejected = 0;
  #requests = 0;
  #provisional: ReplacedDays = NONE_REPLACED;
  #republished: ReplacedDays = NONE_REPLACED;
  #failures: Failure[] = [];
  /** Days that failed and then were found to come later. */
  readonly #settledAsPending = new Set<string>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  fetched({ bytes, reused }: { readonly bytes: number; readonly reused: boolean }): void {
    if (reused) this.#reused++;
    else this.#downloaded++;
    this.#bytes += bytes;
  }

  read(dataset: Dataset, date: string, changes: DayChanges, rejectedRows: number): void {
    this.#flatfile.add(`${dataset} ${date}`);
    this.#rejected += rejectedRows;
    this.#count(changes);
  }

  replaced({ provisional, republished }: FileRead["replaced"]): void {
    this.#provisional = sumOf(this.#provisional, provisional);
    this.#republished = sumOf(this.#republished, republished);
  }

  answered(answer: ApiAnswer): void {
    for (const date of answer.dates) this.#api.add(`${answer.dataset} ${date}`);
    this.#requests += answer.requests;
    this.#rejected += answer.rejected;
    for (const changes of answer.changes) this.#count(changes);
  }

  failed(failures: readonly Failure[]): void {
    this.#failures.push(...failures);
  }

  /** The failures so far of one step. */
  failuresOf(step: Failure["step"]): Failure[] {
    return this.#failures.filter((failure) => failure.step === step);
  }

  /**
   * Takes back failures of the API where a second plan, made since and carried out as far as files go, has another way
   * for every symbol of the day: it is here now, or its flat file is still to come. Returns them.
   */
  settle(second: Plan): Failure[] {
    const decided = Map.groupBy(second.days, dayKey);
    const settled = new Set(
      this.failuresOf("api").filter((failure) => !decided.get(dayKey(failure))?.some(hasNoWay)),
    );
    for (const failure of settled)
      if (decided.get(dayKey(failure))?.some(({ action }) => action === "wait"))
        this.#settledAsPending.add(dayKey(failure));
    this.#failures = this.#failures.filter((failure) => !settled.has(failure));
    return [...settled];
  }

  result(): FillResult {
    // Days are read side by side, and told in their order.
    const failures = [...this.#failures, ...missedDays(this.#plan)].toSorted((a, b) =>
      compare(a.date, b.date),
    );
    const failed = new Set(failures.filter((failure) => !failure.denied).map(dayKey));
    const denied = new Set([
      ...this.#plan.days.filter((day) => day.action === "denied").map(dayKey),
      ...failures.filter((failure) => failure.denied).map(dayKey),
    ]);
    return {
      days: {
        flatfile: this.#flatfile.size,
        api: this.#api.size,
        skipped: this.#skippedDays(),
        pending: this.#pendingDays(),
        denied: denied.size,
        failed: failed.size,
      },
      files: { downloaded: this.#downloaded, reused: this.#reused, bytes: this.#bytes },
      bars: { cached: this.#cached, changed: this.#changed, rejected: this.#rejected },
      replaced: { provisional: this.#provisional, republished: this.#republished },
      requests: this.#requests,
      failures,
    };
  }

  #count(changes: DayChanges): void {
    this.#cached += changes.bars;
    this.#changed += changes.added + changes.changed + changes.removed;
  }

  #pendingDays(): number {
    const waiting = this.#plan.days.filter((day) => day.action === "wait").map(dayKey);
    return new Set([...waiting, ...this.#settledAsPending]).size;
  }

  /** Days of which every symbol was up to date already. */
  #skippedDays(): number {
    const days = new Set(this.#plan.days.filter((day) => day.action === "keep").map(dayKey));
    for (const day of this.#plan.days)
      if (day.action !== "keep" && day.action !== "none") days.delete(dayKey(day));
    return days.size;
  }
}

/** Sessions whose flat file the vendor never published, or nobody can tell, are holes, whoever is to blame. */
function missedDays(plan: Plan): Failure[] {
  const days = new Map(plan.days.filter((day) => day.action === "miss").map((day) => [dayKey(day), day]));
  return [...days.values()].map(({ dataset, date, reason, sentence }) => ({
    dataset,
    date,
    step: "list",
    ...(reason === "never published"
      ? {
          error: "the vendor lists no flat file for this session",
          hint: "Set MASSIVE_API_KEY to ask the REST API for it.",
          help: "no-file",
        }
      : {
          error: sentence ?? reason,
          hint: "Check the network connection and MASSIVE_S3_ENDPOINT, then run the same command again.",
          help: "network",
        }),
    settings: false,
    denied: false,
  }));
}

const NONE_REPLACED: ReplacedDays = { days: 0, added: 0, changed: 0, removed: 0 };

function sumOf(days: ReplacedDays, day: Replaced): ReplacedDays {
  return {
    days: days.days + (day.batches > 0 ? 1 : 0),
    added: days.added + day.added,
    changed: days.changed + day.changed,
    removed: days.removed + day.removed,
  };
}

/** Whether a plan has no other way for a day than the one that failed. */
function hasNoWay({ action }: PlannedDay): boolean {
  return action === "ask API" || action === "denied" || action === "miss";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function dayKey(day: { readonly dataset: Dataset; readonly date: string }): string {
  return `${day.dataset} ${day.date}`;
}
