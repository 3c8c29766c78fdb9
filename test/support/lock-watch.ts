import { withSql } from "./postgres-bars.ts";

/** Resolves as soon as so many sessions of a database wait for locks of others. */
export async function waitingSessions(url: string, count: number): Promise<void> {
  await withSql(url, async (watcher) => {
    for (;;) {
      const rows = await watcher`SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      if (rows.length >= count) return;
    }
  });
}
