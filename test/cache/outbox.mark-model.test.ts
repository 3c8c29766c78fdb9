import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Cache } from "../../src/cache/cache.ts";
import { forgetDeliveries, markSent } from "../../src/cache/deliveries.ts";
import { markUnread } from "../../src/cache/mark-unread.ts";
import { advanceMark, markBatchUnsynced, markUnsynced } from "../../src/cache/outbox.ts";
import { openTarget } from "../../src/cache/targets.ts";
import { barsFrom } from "../support/bars.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { confirm, unsynced } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";

const TICKERS = ["I:SPX", "I:NDX"] as const;
const DATES = ["2024-11-20", "2024-11-21", "2024-11-22"] as const;

const place = { ticker: fc.constantFrom(...TICKERS), date: fc.constantFrom(...DATES) };
const target = fc.constantFrom(0, 1);

/** Everything that a run, a sync or a repair does with batches, in any order. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      ...place,
      bars: fc.nat(3),
      source: fc.constantFrom("flatfile" as const, "api" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      target,
      from: fc.nat(2),
      isConfirmed: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("advance" as const), target }) },
  fc.record({ kind: fc.constant("unread" as const), ...place }),
  fc.record({ kind: fc.constant("unsync one" as const), ...place, target }),
  fc.record({
    kind: fc.constant("unsync days" as const),
    target,
    day: fc.constantFrom(20_047, 20_048, 20_049),
  }),
  fc.record({ kind: fc.constant("forget" as const), target }),
);

test("the mark hides nothing: what a target lacks is what no revision of was confirmed, whatever happened", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: "max" }), async (steps) => {
      using temp = tempCache();
      const { cache } = temp;
      const targets = [await openTarget(cache, "a"), await openTarget(cache, "b")];
      for (const one of steps) {
        await take(cache, targets, one);
        for (const id of targets) expect(lacking(cache, id)).toEqual(plainly(cache, id));
      }
    }),
    { numRuns: 100 },
  );
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(cache: Cache, targets: readonly number[], one: Step): Promise<void> {
  const id = "target" in one ? (targets[one.target] ?? 0) : 0;
  if (one.kind === "write") {
    const bars = barsFrom(
      Date.parse(`${one.date}T15:00Z`),
      Array.from({ length: one.bars }, () => one.bars),
    );
    await writeDay(cache, { ...one, blocks: [[one.ticker, bars]] });
  } else if (one.kind === "send") {
    const batches = unsynced(cache, id).slice(one.from);
    await markSent(cache, id, batches);
    if (one.isConfirmed) await confirm(cache, id, batches);
  } else if (one.kind === "advance") await advanceMark(cache, id);
  else if (one.kind === "unsync days")
    await markUnsynced(cache, id, { fromEpochDay: one.day, toEpochDay: one.day });
  else if (one.kind === "forget") await forgetDeliveries(cache, id);
  else {
    const key = await keyOf(cache, one.ticker, one.date);
    await cache.write(() =>
      one.kind === "unread" ? markUnread(cache, key) : markBatchUnsynced(cache, id, key),
    );
  }
}

function lacking(cache: Cache, id: number): string[] {
  return unsynced(cache, id).map(({ symbol, epochDay, revision }) => `${symbol} ${epochDay} ${revision}`);
}

/** The same without the mark: every batch against what was confirmed of it. */
function plainly(cache: Cache, id: number): string[] {
  return cache.db
    .query<{ line: string }, [number]>(
      `SELECT s.symbol || ' ' || b.epoch_day || ' ' || b.revision AS line
       FROM batches b JOIN symbols s ON s.id = b.symbol_id
       WHERE b.content_hash <> '' AND NOT EXISTS (
         SELECT 1 FROM deliveries d WHERE d.target_id = ? AND d.symbol_id = b.symbol_id
           AND d.epoch_day = b.epoch_day AND d.synced_revision = b.revision)
       ORDER BY s.symbol, b.epoch_day`,
    )
    .all(id)
    .map(({ line }) => line);
}
