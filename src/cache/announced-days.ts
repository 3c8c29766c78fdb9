import type { AnnouncedDay } from "../core/nyse-calendar.ts";
import type { Cache } from "./cache.ts";

/** The closures and early closes that were announced and that the calendar's rules do not give, by date. */
export function announcedDays(cache: Cache): AnnouncedDay[] {
  return cache.db.query<AnnouncedDay, []>("SELECT date, name, close FROM announced_days ORDER BY date").all();
}

/**
 * Remembers what is announced for the days after `today` in place of what was remembered of them; what was announced for
 * today and days before stays, since the vendor names upcoming days only.
 */
export async function rememberAnnouncedDays(
  cache: Cache,
  today: string,
  days: readonly AnnouncedDay[],
  nowMs: number,
): Promise<void> {
  const insert = cache.db.query(
    "INSERT OR REPLACE INTO announced_days (date, name, close, seen_at_ms) VALUES (?, ?, ?, ?)",
  );
  await cache.write(() => {
    cache.db.query("DELETE FROM announced_days WHERE date > ?").run(today);
    for (const { date, name, close } of days) insert.run(date, name, close, nowMs);
  });
}
