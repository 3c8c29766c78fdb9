import { lastDayWithBars } from "../../cache/batches.ts";
import { newYorkDate } from "../../core/dates.ts";
import { timeframesNamed } from "../../core/timeframes.ts";
import { chart } from "../../workflows/chart/chart.ts";
import type { ViewContext } from "./context.ts";
import { dateParameter, refuseRange, symbolParameter } from "./parameters.ts";

/** The bars of a symbol, in the form of `show --json`; the last day with bars if no days are given. */
export function bars({ cache, nowMs }: ViewContext, query: URLSearchParams): object {
  const symbol = symbolParameter(cache, query);
  const to = dateParameter(query, "to") ?? lastDayWithBars(cache, symbol) ?? newYorkDate(nowMs());
  const from = dateParameter(query, "from") ?? to;
  refuseRange(from, to);
  const [timeframeMinutes = 1] = timeframesNamed([query.get("timeframe") ?? "1m"], "timeframe");
  return chart(cache, { symbol, timeframeMinutes, from, to, nowMs: nowMs() });
}
