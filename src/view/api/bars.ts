import { lastDayWithBars } from "../../cache/batches.ts";
import { epochDayOf, newYorkDate } from "../../core/dates.ts";
import { timeframesNamed } from "../../core/timeframes.ts";
import { chart } from "../../workflows/chart/chart.ts";
import type { ViewContext } from "./context.ts";
import { bad, dateParameter, symbolParameter } from "./parameters.ts";

const MOST_DAYS = 20_000;

/** The bars of a symbol, in the form of `show --json`; the last day with bars if no days are given. */
export function bars({ cache, nowMs }: ViewContext, query: URLSearchParams): object {
  const symbol = symbolParameter(cache, query);
  const to = dateParameter(query, "to") ?? lastDayWithBars(cache, symbol) ?? newYorkDate(nowMs());
  const from = dateParameter(query, "from") ?? to;
  if (from > to) throw bad("from", `${from} is after ${to}`, "Give the earlier day as from.");
  if (epochDayOf(to) - epochDayOf(from) > MOST_DAYS)
    throw bad("from", "the range is too long", `Ask for up to ${MOST_DAYS} days.`);
  const [timeframeMinutes = 1] = timeframesNamed([query.get("timeframe") ?? "1m"], "timeframe");
  return chart(cache, { symbol, timeframeMinutes, from, to, nowMs: nowMs() });
}
