import type { SyncResult } from "../../src/workflows/sync.ts";
import type { CacheContents, TableContents } from "./sync-contents.ts";

/** A sync as one sees it from outside. */
export interface SeenSync {
  readonly before: TableContents;
  readonly after: TableContents;
  readonly cache: CacheContents;
  readonly all: boolean;
  /** Whether a batch (`symbol epochDay`) was asked for. */
  readonly isMeant: (batch: string) => boolean;
  /** Null if it failed. */
  readonly result: SyncResult | null;
  /** Whether a COMMIT was sent whose answer did not come. */
  readonly lostCommit: boolean;
}

/** The plain idea of what a target has, what it lacks and which of its rows are this cache's. */
export class TargetModel {
  /** Keys whose row this cache wrote or found equal. */
  readonly #ours = new Set<string>();
  /** Keys that a transaction of unknown end may have made ours. */
  readonly #maybeOurs = new Set<string>();
  /** Keys that were ever sent: a row that comes there later may be taken for ours. */
  readonly #sent = new Set<string>();
  /** Batches that the target lacks, and those of them that a sync that failed may have brought. */
  readonly #dirty = new Set<string>();
  readonly #unsure = new Set<string>();
  /** The batch that held a key when it left the cache. */
  readonly #lastBatch = new Map<string, string>();

  /** The cache was written. */
  cacheChanged(before: CacheContents, after: CacheContents): void {
    for (const [batch, { text }] of after.batches) {
      if (before.batches.get(batch)?.text === text) continue;
      this.#dirty.add(batch);
      this.#unsure.delete(batch);
    }
    for (const [key, { batch }] of before.bars) if (!after.bars.has(key)) this.#lastBatch.set(key, batch);
  }

  /** The table was emptied. */
  emptied(): void {
    this.#ours.clear();
    this.#maybeOurs.clear();
  }

  /** Whether another program's row there is surely not this cache's. */
  isFreeForOthers(key: string): boolean {
    return !this.#sent.has(key);
  }

  /** What a sync did that it should not, or should have done and did not; then takes it for done. */
  afterSync(seen: SeenSync): string[] {
    this.#expect(seen);
    const faults = [...this.#harm(seen), ...(seen.result === null ? [] : this.#lacks(seen, seen.result))];
    this.#learn(seen);
    return faults;
  }

  /** What the sync has to bring, by what is known before it. */
  #expect({ before, cache, all, isMeant }: SeenSync): void {
    for (const batch of cache.batches.keys()) {
      if (before.size > 0 && !(all && isMeant(batch))) continue;
      this.#dirty.add(batch);
      this.#unsure.delete(batch);
    }
  }

  /** Rows that were written, changed or deleted without need or right, in a sync that failed too. */
  *#harm({ before, after, cache, isMeant }: SeenSync): Generator<string> {
    for (const [key, row] of after) {
      const old = before.get(key);
      if (old?.place === row.place) continue;
      const bar = cache.bars.get(key);
      if (old?.values === row.values) yield `rewritten with the same values: ${key}`;
      else if (bar?.values !== row.values) yield `not of the cache: ${key} ${row.values}`;
      else if (!isMeant(bar.batch)) yield `not asked for: ${key}`;
    }
    for (const key of before.keys()) {
      if (after.has(key)) continue;
      if (cache.bars.has(key)) yield `deleted, and in the cache: ${key}`;
      else if (!this.#ours.has(key) && !this.#maybeOurs.has(key)) yield `deleted, and of others: ${key}`;
    }
  }

  /** What a sync that succeeded left undone, or counted wrong. */
  *#lacks(seen: SeenSync, result: SyncResult): Generator<string> {
    const { after, cache, isMeant } = seen;
    for (const [key, { batch, values }] of cache.bars) {
      const stored = after.get(key)?.values;
      if (isMeant(batch) && stored !== values) yield `${key} is ${stored}, should be ${values}`;
    }
    for (const key of this.#ours) {
      const isGone = !after.has(key) || cache.bars.has(key);
      if (!isGone && isMeant(this.#lastBatch.get(key) ?? "")) yield `still there: ${key}`;
    }
    yield* this.#miscounted(seen, result);
  }

  *#miscounted({ before, after, cache, isMeant }: SeenSync, result: SyncResult): Generator<string> {
    const written = [...after].filter(([key, { place }]) => before.get(key)?.place !== place);
    const inserted = written.filter(([key]) => !before.has(key)).length;
    const deleted = [...before.keys()].filter((key) => !after.has(key)).length;
    const lacking = [...this.#dirty].filter(isMeant);
    const certain = lacking.filter((batch) => !this.#unsure.has(batch));
    const barsOf = (batches: readonly string[]) =>
      batches.reduce((sum, batch) => sum + (cache.batches.get(batch)?.bars ?? 0), 0);
    const facts: readonly [name: string, count: number, least: number, most: number][] = [
      ["inserted", result.inserted, inserted, inserted],
      ["updated", result.updated, written.length - inserted, written.length - inserted],
      ["deleted", result.deleted, deleted, deleted],
      ["pending", result.pending, 0, 0],
      ["batches", result.batches, certain.length, lacking.length],
      ["bars", result.bars, barsOf(certain), barsOf(lacking)],
      ["all rows", result.inserted + result.updated + result.unchanged, result.bars, result.bars],
    ];
    for (const [name, count, least, most] of facts)
      if (count < least || count > most) yield `counted ${count} ${name}, should be ${least} to ${most}`;
  }

  #learn({ before, after, cache, isMeant, result, lostCommit }: SeenSync): void {
    for (const key of before.keys()) {
      if (after.has(key)) continue;
      this.#ours.delete(key);
      this.#maybeOurs.delete(key);
    }
    for (const [key, { batch, values }] of cache.bars) {
      if (!isMeant(batch)) continue;
      const row = after.get(key);
      const isThere = row?.values === values;
      const isWritten = isThere && before.get(key)?.place !== row.place;
      if (isWritten || (isThere && result !== null)) this.#ours.add(key);
      else if (isThere || lostCommit) this.#maybeOurs.add(key);
      if (isThere || lostCommit) this.#sent.add(key);
    }
    for (const batch of this.#dirty) {
      if (!isMeant(batch)) continue;
      if (result === null) this.#unsure.add(batch);
      else {
        this.#dirty.delete(batch);
        this.#unsure.delete(batch);
      }
    }
  }
}
