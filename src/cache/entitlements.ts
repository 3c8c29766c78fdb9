import type { Dataset } from "../core/datasets.ts";
import { dateOfEpochDay, epochDayOf } from "../core/dates.ts";
import type { Cache } from "./cache.ts";

/** The date up to which a ticker is refused that is refused whatever the day. */
export const EVERY_DAY = "9999-12-31";

/** What the vendor let us fetch of a dataset or a ticker, and what it refused because of the subscription. */
export interface Entitlement {
  readonly source: "flatfile" | "api";
  readonly dataset: Dataset;
  /** Empty for the whole dataset. */
  readonly ticker: string;
  /** The last date that was refused, as are those before it; `EVERY_DAY` for all; null if none was. */
  readonly refusedTo: string | null;
  /** The first date that was allowed; null if none was. */
  readonly allowedFrom: string | null;
  /** How the vendor put the refusal; null without one. */
  readonly sentence: string | null;
  readonly seenAtMs: number;
}

/** Remembers an entitlement in place of what was known of the same dataset or ticker before. */
export async function rememberEntitlement(cache: Cache, entitlement: Entitlement): Promise<void> {
  const { source, dataset, ticker, refusedTo, allowedFrom, sentence, seenAtMs } = entitlement;
  await cache.write(() => {
    cache.db
      .query(
        `INSERT OR REPLACE INTO entitlements
           (source, dataset, ticker, refused_to_day, allowed_from_day, sentence, seen_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(source, dataset, ticker, dayOf(refusedTo), dayOf(allowedFrom), sentence, seenAtMs);
  });
}

/** Everything that is remembered, by source, dataset and ticker. */
export function knownEntitlements(cache: Cache): Entitlement[] {
  return cache.db
    .query<EntitlementRow, []>(`SELECT ${COLUMNS} FROM entitlements ORDER BY source DESC, dataset, ticker`)
    .all()
    .map(entitlementOf);
}

/** What is remembered of one dataset or ticker; null if nothing is. */
export function findEntitlement(
  cache: Cache,
  { source, dataset, ticker }: Pick<Entitlement, "source" | "dataset" | "ticker">,
): Entitlement | null {
  const row = cache.db
    .query<EntitlementRow, [string, string, string]>(
      `SELECT ${COLUMNS} FROM entitlements WHERE source = ? AND dataset = ? AND ticker = ?`,
    )
    .get(source, dataset, ticker);
  return row === null ? null : entitlementOf(row);
}

type EntitlementRow = Omit<Entitlement, "refusedTo" | "allowedFrom"> & {
  readonly refusedToDay: number | null;
  readonly allowedFromDay: number | null;
};

const COLUMNS = `source, dataset, ticker, refused_to_day AS refusedToDay, allowed_from_day AS allowedFromDay, sentence,
  seen_at_ms AS seenAtMs`;

function entitlementOf({ refusedToDay, allowedFromDay, ...row }: EntitlementRow): Entitlement {
  return { ...row, refusedTo: dateOf(refusedToDay), allowedFrom: dateOf(allowedFromDay) };
}

function dayOf(date: string | null): number | null {
  return date === null ? null : epochDayOf(date);
}

function dateOf(day: number | null): string | null {
  return day === null ? null : dateOfEpochDay(day);
}
