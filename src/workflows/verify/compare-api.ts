import type { Bar } from "../../core/bar.ts";
import { formatCount, plural } from "../../core/format.ts";
import { minuteText } from "./bar-text.ts";

/** In what bars by the API differ from those of the flat file; null where they do not. */
export interface ApiDifference {
  readonly kind: "api-more" | "api-fewer" | "api-differs";
  readonly detail: string;
}

/** Only the API has the volume-weighted price. */
const FIELDS = ["open", "high", "low", "close", "volume", "transactions"] as const;

/** Compares the bars of one day. Those that another date's file has too are left out by the caller. */
export function compareWithApi(date: string, ours: readonly Bar[], byApi: readonly Bar[]): ApiDifference[] {
  const held = new Map(ours.map((bar) => [bar.windowStartMs, bar]));
  const more: Bar[] = [];
  const different: { readonly api: Bar; readonly held: Bar }[] = [];
  for (const bar of byApi) {
    const known = held.get(bar.windowStartMs);
    held.delete(bar.windowStartMs);
    if (known === undefined) more.push(bar);
    else if (FIELDS.some((field) => bar[field] !== known[field])) different.push({ api: bar, held: known });
  }
  const [firstMore, firstLess, firstDifferent] = [more[0], [...held.values()][0], different[0]];
  const found: ApiDifference[] = [];
  if (firstMore !== undefined)
    found.push({
      kind: "api-more",
      detail: `${plural(more.length, "bar")} by the API that the cache lacks (it has ${formatCount(ours.length)}), the first at ${minuteText(firstMore.windowStartMs, date)} (close ${firstMore.close})`,
    });
  if (firstLess !== undefined)
    found.push({
      kind: "api-fewer",
      detail: `${formatCount(held.size)} of ${plural(ours.length, "bar")} the API does not have, the first at ${minuteText(firstLess.windowStartMs, date)} (close ${firstLess.close})`,
    });
  if (firstDifferent !== undefined)
    found.push({
      kind: "api-differs",
      detail: `${formatCount(different.length)} of ${plural(ours.length, "bar")} differ, the first at ${minuteText(firstDifferent.held.windowStartMs, date)}: ${fieldText(firstDifferent.held, firstDifferent.api)}`,
    });
  return found;
}

function fieldText(held: Bar, api: Bar): string {
  const field = FIELDS.find((name) => held[name] !== api[name]) ?? "close";
  return `${field} ${api[field] ?? "none"} by the API, ${held[field] ?? "none"} in the cache`;
}
