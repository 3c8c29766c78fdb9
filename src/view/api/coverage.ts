import { statSync } from "node:fs";
import { newYorkDate } from "../../core/dates.ts";
import { status } from "../../workflows/coverage/status.ts";
import { statusJson } from "../../workflows/coverage/status-json.ts";
import type { ViewContext } from "./context.ts";
import { firstDay } from "./overview.ts";
import { dateParameter, symbolParameter } from "./parameters.ts";

/** The coverage of one symbol, in the form of `status --json`; from its first day to today if nothing else is said. */
export function coverage({ cache, dataDir, nowMs }: ViewContext, query: URLSearchParams): object {
  const symbol = symbolParameter(cache, query);
  const today = newYorkDate(nowMs());
  const result = status(cache, {
    symbols: [symbol],
    from: dateParameter(query, "from") ?? firstDay(cache, today),
    to: dateParameter(query, "to") ?? today,
    nowMs: nowMs(),
    target: null,
  });
  const cacheBytes = statSync(cache.path, { throwIfNoEntry: false })?.size ?? 0;
  return { dataDir, ...statusJson(result, cacheBytes) };
}
