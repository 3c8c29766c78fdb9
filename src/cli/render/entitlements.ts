import { newYorkDate } from "../../core/dates.ts";
import type { KnownRefusal } from "../../workflows/known-refusals.ts";

const MAX_TICKERS_SHOWN = 5;

/** What the plan is known not to include: a line for each refusal, tickers that are refused alike together. */
export function entitlementsText(refusals: readonly KnownRefusal[]): string {
  const alike = Map.groupBy(
    refusals,
    (refusal) => `${refusal.dataset} ${refusal.ticker === null} ${howText(refusal)}`,
  );
  return [...alike.values()].map(lineOf).join("");
}

function lineOf(refusals: readonly KnownRefusal[]): string {
  const [first] = refusals;
  if (first === undefined) return "";
  const tickers = refusals.flatMap(({ ticker }) => ticker ?? []);
  const more = tickers.length > MAX_TICKERS_SHOWN ? ` and ${tickers.length - MAX_TICKERS_SHOWN} more` : "";
  const what =
    tickers.length === 0 ? first.dataset : `${tickers.slice(0, MAX_TICKERS_SHOWN).join(", ")}${more}`;
  return `Not in your plan: ${what} ${howText(first)}\n`;
}

function howText({ source, refusedTo, sentence, seenAt, recheckDue }: KnownRefusal): string {
  const way = source === "flatfile" ? "flat files" : "by the API";
  const until = refusedTo === null ? "on any day" : `up to ${refusedTo}`;
  const said = sentence === null || sentence === "" ? "" : `"${sentence}", `;
  const again = recheckDue ? "the next run tries again" : "tried again weekly or with --recheck-entitlements";
  return `${way} ${until} (${said}seen ${newYorkDate(Date.parse(seenAt))}; ${again})`;
}
