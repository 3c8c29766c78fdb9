import type { Cache } from "../../cache/cache.ts";
import { unsyncedDays } from "../../cache/outbox.ts";
import { findTarget } from "../../cache/targets.ts";
import { plural } from "../../core/format.ts";
import { DERIVED_TIMEFRAMES, ONE_MINUTE } from "../../core/timeframes.ts";
import { openConnection } from "../../postgres/connect.ts";
import { findTable, isEmptyTable } from "../../postgres/table.ts";
import { parseTarget } from "../../postgres/target.ts";
import { waitingDays } from "../aggregate/waiting-days.ts";
import { requireDatabase } from "../database.ts";
import { Findings } from "./findings.ts";
import { batchesInScope, type VerifyScope } from "./scope.ts";
import { TargetComparison } from "./target-comparison.ts";
import type { SyncedDay } from "./target-days.ts";
import type { Check } from "./verify.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Compares what Postgres has of each synced day with the cache: count and checksum are made on both sides, and rows are
 * fetched only where they differ. With `repair`, days that differ become unsynced.
 */
export const checkTarget: Check = async (context, scope, { repair }) => {
  const { cache, settings, signal } = context;
  const url = requireDatabase(settings, "compare with Postgres");
  const { target, name } = parseTarget(url, settings.table);
  const findings = new Findings("target");
  const targetId = findTarget(cache, name);
  const days = syncedDays(cache, targetId, scope, findings);
  const waiting = waitingDays(cache, scope.symbols, scope.range);
  if (waiting > 0)
    findings.note(
      `Coarser bars of ${plural(waiting, "day")} wait to be made from ${waiting === 1 ? "its" : "their"} present minutes: sync makes and sends them.`,
    );
  if (days.length === 0) {
    findings.note(`Nothing of it was synced to ${name} yet: there is nothing to compare.`);
    return findings.result();
  }
  const connection = await openConnection(url, {
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    applicationName: "massive-backfill",
    signal,
  });
  try {
    const table = await findTable(connection, target);
    const hasBars = days.some(({ batch }) => batch.barCount > 0);
    if (table === null || (hasBars && (await isEmptyTable(connection, table))))
      findings.fault({
        kind: "table-lost",
        dataset: null,
        symbol: null,
        date: null,
        detail: `${name} has ${table === null ? "no such table" : "no rows"}, but ${plural(days.length, "day")} were synced to it`,
      });
    else await new TargetComparison(context, { connection, table, targetId, findings, repair }).run(days);
  } finally {
    await connection.close();
  }
  return findings.result();
};

function syncedDays(cache: Cache, targetId: number, scope: VerifyScope, findings: Findings): SyncedDay[] {
  const days: SyncedDay[] = [];
  let unsynced = 0;
  for (const timeframeMinutes of [ONE_MINUTE, ...DERIVED_TIMEFRAMES]) {
    const lacking = targetId === -1 ? null : unsyncedDays(cache, targetId, timeframeMinutes);
    for (const symbol of scope.symbols) {
      const known = batchesInScope(cache, symbol, scope, timeframeMinutes);
      for (const batch of known?.batches ?? [])
        if (lacking === null || lacking.get(batch.symbolId)?.has(batch.epochDay) === true) unsynced++;
        else days.push({ symbol, batch });
    }
  }
  if (unsynced > 0) findings.note(`${plural(unsynced, "day")} not synced yet, so not compared: run sync.`);
  return days;
}
