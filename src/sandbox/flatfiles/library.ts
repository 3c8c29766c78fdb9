import { createHash } from "node:crypto";
import { newYorkDate } from "../../core/dates.ts";
import { DATASET_FACTS } from "../../core/datasets.ts";
import type { Dataset } from "../../core/datasets.ts";
import type { Content } from "../http/content.ts";
import { bytesOf, contentSizeBytes } from "../http/content.ts";
import type { Market } from "../market/market.ts";
import { breakGzip } from "./damage.ts";
import type { Damage } from "./damage.ts";
import { dayBarsText } from "./day-bars-text.ts";
import { dayText } from "./day-text.ts";
import { dayFileOf, daysOfPrefix, hasFile, keyOf, publicationMs } from "./keys.ts";
import type { DayFile } from "./keys.ts";
import { Spool } from "./spool.ts";
import type { Stored } from "./spool.ts";

/** One object of the bucket. */
export interface StoredObject {
  readonly key: string;
  /** With its quotes: `"02ba41035d34cd5df30c5ee2564df075"`. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  readonly content: Content;
}

export interface LibraryOptions {
  readonly nowMs: () => number;
  /** No dataset has files before this date; undefined: each has its whole history. */
  readonly historyFrom: string | undefined;
  readonly multipartEtags: boolean;
}

const MULTIPART_BYTES = 1 << 23;

/** The published day files: which there are, since when, and what is in them. Bodies are made when first asked for. */
export class Library {
  readonly #market: Market;
  readonly #options: LibraryOptions;
  readonly #spool = new Spool();
  readonly #objects = new Map<string, Promise<StoredObject>>();
  readonly #heldUntilMs = new Map<string, number>();
  readonly #replacedMs = new Map<string, number>();
  readonly #damages = new Map<string, Damage>();

  constructor(market: Market, options: LibraryOptions) {
    this.#market = market;
    this.#options = options;
  }

  /** Keys of the published objects that begin with `prefix` and sort after `after`, in byte order. */
  *keys(prefix: string, after: string): Generator<string> {
    const today = newYorkDate(this.#options.nowMs());
    for (const file of daysOfPrefix((dataset) => this.#firstDate(dataset), today, prefix, after))
      if (this.#isPublished(file)) yield file.key;
  }

  /** The object with that key; undefined if there is none yet, or never. */
  async find(key: string): Promise<StoredObject | undefined> {
    const file = dayFileOf(key);
    if (file === undefined || !this.#isPublished(file)) return undefined;
    const known = this.#objects.get(key);
    if (known !== undefined) return known;
    const made = this.#make(file, this.#damages.get(key) ?? {});
    this.#objects.set(key, made);
    return made;
  }

  /** Replaces a day's file: other bars for `tickers`, no damage, a new Last-Modified. */
  republish(file: DayFile, tickers: readonly string[]): void {
    this.#market.revise(file.dataset, file.date, tickers);
    this.dayBarsChanged(file);
    this.#damages.delete(keyOf(file));
    this.#replaced(file);
  }

  /** Replaces a day's file by a damaged one with the same bars. */
  damage(file: DayFile, damage: Damage): void {
    this.#damages.set(keyOf(file), damage);
    this.#replaced(file);
  }

  /** Publishes a day's file no earlier than `untilMs`; `Infinity`: not before it is released. */
  hold(file: DayFile, untilMs: number): void {
    this.#heldUntilMs.set(keyOf(file), untilMs);
    this.#objects.delete(keyOf(file));
  }

  /** Publishes a held file now. */
  release(file: DayFile): void {
    this.hold(file, this.#options.nowMs());
  }

  /** Removes what was written to disk. */
  async remove(): Promise<void> {
    await this.#spool.remove();
  }

  /** What is told of a day as a whole has changed. */
  dayBarsChanged(file: DayFile): void {
    this.#replaced({ ...file, span: "day" });
  }

  #replaced(file: DayFile): void {
    this.#replacedMs.set(keyOf(file), this.#options.nowMs());
    this.#objects.delete(keyOf(file));
  }

  #firstDate(dataset: Dataset): string {
    const { historyStart } = DATASET_FACTS[dataset];
    const { historyFrom } = this.#options;
    return historyFrom !== undefined && historyFrom > historyStart ? historyFrom : historyStart;
  }

  #isPublished(file: DayFile): boolean {
    return (
      file.date >= this.#firstDate(file.dataset) &&
      this.#publishedMs(file) <= this.#options.nowMs() &&
      hasFile(file)
    );
  }

  #publishedMs(file: DayFile): number {
    return Math.max(publicationMs(file.date), this.#heldUntilMs.get(keyOf(file)) ?? 0);
  }

  async #make(file: DayFile, damage: Damage): Promise<StoredObject> {
    const key = keyOf(file);
    const lastModifiedMs = Math.max(this.#publishedMs(file), this.#replacedMs.get(key) ?? 0);
    const text = file.span === "day" ? dayBarsText(this.#market, file) : dayText(this.#market, file, damage);
    let stored = await this.#spool.storeGzip(text);
    if (damage.gzip !== undefined) stored = await brokenCopy(stored, damage.gzip);
    return {
      key,
      etag: `"${this.#options.multipartEtags ? multipartEtag(stored) : stored.md5}"`,
      sizeBytes: contentSizeBytes(stored.content),
      lastModifiedMs,
      content: stored.content,
    };
  }
}

async function brokenCopy(stored: Stored, kind: "flipped" | "truncated"): Promise<Stored> {
  const bytes = breakGzip(kind, await bytesOf(stored.content));
  return { content: { kind: "bytes", bytes }, md5: md5Of(bytes) };
}

/** An ETag of the form that multipart uploads get: a hash that is not the body's MD5, and the number of parts. */
function multipartEtag(stored: Stored): string {
  const parts = Math.max(1, Math.ceil(contentSizeBytes(stored.content) / MULTIPART_BYTES));
  return `${md5Of(Buffer.from(stored.md5, "hex"))}-${parts}`;
}

function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
