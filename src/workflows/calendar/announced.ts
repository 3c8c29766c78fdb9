import { announcedDays } from "../../cache/announced-days.ts";
import type { Cache } from "../../cache/cache.ts";
import { useAnnouncedDays } from "../../core/sessions.ts";

/** Lets the sessions of this process follow what the cache knows to be announced. */
export function followAnnouncedDays(cache: Cache): void {
  useAnnouncedDays(announcedDays(cache));
}
