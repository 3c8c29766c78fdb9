import { statSync } from "node:fs";
import { earliestDayOf } from "../../cache/batches.ts";
import { newYorkDate } from "../../core/dates.ts";
import { status } from "../../workflows/coverage/status.ts";
import { statusJson } from "../../workflows/coverage/status-json.ts";
import type { ViewContext } from "./context.ts";
import { dateParameter, refuseRange, symbolParameter } from "./parameters.ts";

/** The coverage of one symbol, in the form of `status --json`; from its own first day to today if nothing else is said. */
export function coverage({ cache, dataDir, target, nowMs }: ViewContext, query: URLSearchParams): object {
  const symbol = symbolParameter(cache, query);
  const to = dateParameter(query, "to") ?? newYorkDate(nowMs());
  const from = dateParameter(query, "from") ?? notAfter(to, earliestDayOf(cache, symbol));
  refuseRange(from, to);
  const result = status(cache, {
    symbols: [symbol],
    from,
    to,
    nowMs: nowMs(),
    target,
  });
  const cacheBytes = statSync(cache.path, { throwIfNoEntry: false })?.size ?? 0;
  return { dataDir, ...statusJson(result, cacheBytes) };
}

function notAfter(last: string, date: string | null): string {
  return date !== null && date <= last ? date : last;
}
