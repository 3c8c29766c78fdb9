import { announcedDays, rememberAnnouncedDays } from "../../cache/announced-days.ts";
import { recountDays } from "../../cache/recount-session.ts";
import { newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import type { AnnouncedDay } from "../../core/nyse-calendar.ts";
import { upcomingClosures } from "../../massive/upcoming-closures.ts";
import type { RunContext } from "../context.ts";
import { openApi } from "../open-api.ts";
import { followAnnouncedDays } from "./announced.ts";
import { compareWithRules } from "./merge.ts";

/**
 * Asks the vendor which days the exchange has announced to close, or to close early, and lets the calendar follow
 * those that its rules do not give.
 * @throws BackfillError (settings) without an API key; (settings or source) if the vendor does not tell.
 */
export async function refreshAnnouncedDays(context: RunContext): Promise<void> {
  const { settings, cache, progress, signal, nowMs } = context;
  if (settings.rest === null)
    throw new BackfillError({
      kind: "settings",
      help: "api-key",
      operation: "refresh the calendar",
      reason: "MASSIVE_API_KEY is not set",
      nextStep:
        "Put MASSIVE_API_KEY into .env.local, or leave --refresh-calendar out: the rules are built in.",
    });
  const announced = await upcomingClosures(openApi(context, settings.rest, null), signal);
  const today = newYorkDate(nowMs);
  const before = announcedDays(cache).filter(({ date }) => date > today);
  const { news, unconfirmed } = compareWithRules(announced, today);
  await rememberAnnouncedDays(cache, today, news, nowMs);
  followAnnouncedDays(cache);
  const withdrawn = before.filter(({ date }) => !news.some((day) => day.date === date));
  // Days that were read already, by another session.
  await recountDays(
    cache,
    [...news, ...withdrawn].map(({ date }) => date),
  );
  progress.info(
    `The exchange has announced ${plural(announced.length, "day")} on which it closes, or closes early`,
  );
  for (const day of news) progress.info(`New to the calendar: ${inWords(day)}`);
  for (const day of withdrawn) progress.warn(`No longer announced: ${inWords(day)}`);
  if (unconfirmed.length > 0)
    progress.warn(`Not announced yet, though the rules give them: ${unconfirmed.join(", ")}`);
}

function inWords({ date, name, close }: AnnouncedDay): string {
  return `${date} ${close === null ? "closed" : `closes at ${close}`} (${name})`;
}
