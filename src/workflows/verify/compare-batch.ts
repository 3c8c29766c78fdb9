import type { Bar } from "../../core/bar.ts";
import { sameBar } from "../../core/merge-bars.ts";
import { plural } from "../../core/format.ts";
import { minuteText } from "./bar-text.ts";

/** In what the bars of a day differ from those of the file it was read from. */
export type DifferenceKind = "bars-lacking" | "bars-extra" | "bars-different" | "minute-twice";

/** How many bars differ in one way, and the first of them in words. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly detail: string;
}

interface Counted {
  count: number;
  readonly first: string;
}

const ENDINGS: Readonly<Record<DifferenceKind, string>> = {
  "bars-lacking": "in the file, not in the cache",
  "bars-extra": "in the cache, not in the file",
  "bars-different": "otherwise in the file",
  "minute-twice": "in another day's file too, with other values",
};

/** Counts how the bars of one batch differ from the file's. */
export class Differences {
  readonly #date: string;
  readonly #counted = new Map<DifferenceKind, Counted>();

  constructor(date: string) {
    this.#date = date;
  }

  /** A bar that only one side has. */
  oneSided(kind: "bars-lacking" | "bars-extra", bar: Bar, count: number = 1): void {
    this.#add(kind, count, () => `${minuteText(bar.windowStartMs, this.#date)} (close ${bar.close})`);
  }

  /** A bar of the file that the cache has otherwise: in the same batch, or in another date's. */
  otherwise(kind: "bars-different" | "minute-twice", inFile: Bar, inCache: Bar): void {
    this.#add(
      kind,
      1,
      () => `${minuteText(inFile.windowStartMs, this.#date)}: ${firstField(inFile, inCache)}`,
    );
  }

  all(): Difference[] {
    return [...this.#counted].map(([kind, { count, first }]) => ({
      kind,
      detail: `${plural(count, "bar")} ${ENDINGS[kind]}, the first at ${first}`,
    }));
  }

  #add(kind: DifferenceKind, count: number, first: () => string): void {
    const known = this.#counted.get(kind);
    if (known === undefined) this.#counted.set(kind, { count, first: first() });
    else known.count += count;
  }
}

const FIELDS = ["open", "high", "low", "close", "volume", "vwap", "transactions"] as const;

/** The first field in which two bars of a minute differ, with both numbers. */
function firstField(inFile: Bar, inCache: Bar): string {
  const name = FIELDS.find((field) => inFile[field] !== inCache[field]) ?? "close";
  return `${name} ${inFile[name] ?? "none"} in the file, ${inCache[name] ?? "none"} in the cache`;
}

/** What bars of a file came to, compared with those of their batch. */
export interface Compared {
  /** Bars of the file that the batch has, whatever they say. */
  readonly found: number;
  /** Bars of the file that the batch does not have. */
  readonly notFound: readonly Bar[];
}

/** Compares bars of a file with those of their batch; what they say differently goes to `differences`. */
export function compareBars(
  inFile: readonly Bar[],
  inCache: ReadonlyMap<number, Bar>,
  differences: Differences,
): Compared {
  const notFound: Bar[] = [];
  for (const bar of inFile) {
    const held = inCache.get(bar.windowStartMs);
    if (held === undefined) notFound.push(bar);
    else if (!sameBar(bar, held)) differences.otherwise("bars-different", bar, held);
  }
  return { found: inFile.length - notFound.length, notFound };
}
