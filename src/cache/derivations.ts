import type { SessionKind } from "../core/windows.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";
import { UNREAD_HASH } from "./mark-unread.ts";

/** From which minutes a batch was made. */
export interface Derivation {
  readonly session: SessionKind;
  /** The revision of the batch of minutes, and when that was read (epoch ms). */
  readonly minutesRevision: number;
  readonly minutesReadAtMs: number;
  /** Whether the minutes are the API's, which a flat file may correct. */
  readonly isProvisional: boolean;
  /** The starts of its bars that lack minutes, epoch ms. */
  readonly incompleteBarsMs: readonly number[];
}

/** Days of a symbol from one date to another, both included, in days since 1970-01-01. */
export interface DaySpan {
  readonly symbolId: number;
  readonly fromEpochDay: number;
  readonly toEpochDay: number;
}

/**
 * Which minutes a batch of coarser bars has to be made from again: it is not there, or was made from another revision of
 * them, from another session, before their flat file came, or from an earlier answer of the API. A day that is marked as
 * not read waits for its minutes.
 */
const STALE = `FROM batches m
  LEFT JOIN derivations d ON d.symbol_id = m.symbol_id AND d.timeframe_minutes = ?2 AND d.epoch_day = m.epoch_day
  WHERE m.symbol_id = ?1 AND m.timeframe_minutes = ${ONE_MINUTE} AND m.content_hash <> '${UNREAD_HASH}'
    AND (d.minutes_revision IS NOT m.revision OR d.session IS NOT ?3 OR d.is_provisional IS NOT (m.source = 'api')
      OR (m.source = 'api' AND d.minutes_read_at_ms IS NOT m.read_at_ms))`;

/** The dates (days since 1970-01-01) of a symbol whose bars of a timeframe are not made from its present minutes. */
export function staleDays(
  cache: Cache,
  { symbolId, fromEpochDay, toEpochDay }: DaySpan,
  timeframeMinutes: number,
  session: SessionKind,
): number[] {
  return cache.db
    .query<{ epochDay: number }, [number, number, string, number, number]>(
      `SELECT m.epoch_day AS epochDay ${STALE} AND m.epoch_day BETWEEN ?4 AND ?5 ORDER BY m.epoch_day`,
    )
    .all(symbolId, timeframeMinutes, session, fromEpochDay, toEpochDay)
    .map(({ epochDay }) => epochDay);
}

/** Notes from which minutes a batch was made. Call inside `cache.write`. */
export function putDerivation(cache: Cache, key: BatchKey, derivation: Derivation): void {
  const { session, minutesRevision, minutesReadAtMs, isProvisional, incompleteBarsMs } = derivation;
  cache.db
    .query(
      `INSERT INTO derivations (symbol_id, timeframe_minutes, epoch_day, session, minutes_revision, minutes_read_at_ms,
         is_provisional, incomplete_bars)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET session = excluded.session, minutes_revision = excluded.minutes_revision,
         minutes_read_at_ms = excluded.minutes_read_at_ms, is_provisional = excluded.is_provisional,
         incomplete_bars = excluded.incomplete_bars`,
    )
    .run(
      key.symbolId,
      key.timeframeMinutes,
      key.epochDay,
      session,
      minutesRevision,
      minutesReadAtMs,
      Number(isProvisional),
      incompleteBarsMs.length === 0 ? null : JSON.stringify(incompleteBarsMs),
    );
}

/** Has a batch of coarser bars made again, whatever is there now: its bars are not to be trusted. Call inside `cache.write`. */
export function distrustDerived(cache: Cache, { symbolId, timeframeMinutes, epochDay }: BatchKey): void {
  const one = "symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?";
  cache.db
    .query(`UPDATE batches SET content_hash = '${UNREAD_HASH}' WHERE ${one}`)
    .run(symbolId, timeframeMinutes, epochDay);
  cache.db.query(`DELETE FROM derivations WHERE ${one}`).run(symbolId, timeframeMinutes, epochDay);
}

/** Has every batch of coarser bars of a date made again: its session is another one. Call inside `cache.write`. */
export function forgetDerivations(cache: Cache, epochDay: number): void {
  cache.db.query("DELETE FROM derivations WHERE epoch_day = ?").run(epochDay);
}

/** The starts (epoch ms) of bars of a symbol's timeframe that lack minutes, on the dates of `span`. */
export function incompleteBarsOf(
  cache: Cache,
  { symbolId, fromEpochDay, toEpochDay }: DaySpan,
  timeframeMinutes: number,
): Set<number> {
  const rows = cache.db
    .query<{ startMs: number }, [number, number, number, number]>(
      `SELECT value AS startMs FROM derivations, json_each(incomplete_bars)
       WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day BETWEEN ? AND ? AND incomplete_bars IS NOT NULL`,
    )
    .all(symbolId, timeframeMinutes, fromEpochDay, toEpochDay);
  return new Set(rows.map(({ startMs }) => startMs));
}
