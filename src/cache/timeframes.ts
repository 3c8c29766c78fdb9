import { isSessionKind, type SessionKind } from "../core/windows.ts";
import type { Cache } from "./cache.ts";

/** A timeframe that runs keep up to date beside the minutes. */
export interface KeptTimeframe {
  readonly timeframeMinutes: number;
  readonly session: SessionKind;
}

/** The timeframes that runs keep up to date, the finest first. */
export function keptTimeframes(cache: Cache): KeptTimeframe[] {
  return cache.db
    .query<{ timeframeMinutes: number; session: string }, []>(
      "SELECT timeframe_minutes AS timeframeMinutes, session FROM timeframes ORDER BY timeframe_minutes",
    )
    .all()
    .flatMap(({ timeframeMinutes, session }) =>
      isSessionKind(session) ? [{ timeframeMinutes, session }] : [],
    );
}

/** Remembers timeframes that later runs keep up to date; a session given anew takes the place of the earlier one. */
export async function keepTimeframes(
  cache: Cache,
  timeframes: readonly KeptTimeframe[],
  nowMs: number,
): Promise<void> {
  if (timeframes.length === 0) return;
  const insert = cache.db.query(
    `INSERT INTO timeframes (timeframe_minutes, session, since_ms) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET session = excluded.session`,
  );
  await cache.write(() => {
    for (const { timeframeMinutes, session } of timeframes) insert.run(timeframeMinutes, session, nowMs);
  });
}
