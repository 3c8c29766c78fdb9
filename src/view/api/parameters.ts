import type { Cache } from "../../cache/cache.ts";
import { knownSymbols } from "../../cache/symbols.ts";
import { epochDayOf, isDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { parseSymbol, type TrackedSymbol } from "../../core/symbols.ts";

/**
 * The symbol of a query: the one of the cache that has the name.
 * @throws BackfillError (usage) if there is none in the query.
 */
export function symbolParameter(cache: Cache, query: URLSearchParams): TrackedSymbol {
  const name = query.get("symbol") ?? "";
  if (name === "") throw bad("symbol", "it is missing", "Name one of the cache, such as symbol=SPX.");
  return knownSymbols(cache).find(({ symbol }) => symbol === name) ?? parseSymbol(name);
}

/**
 * A date of a query; null if it is not given.
 * @throws BackfillError (usage) if it is none.
 */
export function dateParameter(query: URLSearchParams, name: string): string | null {
  const text = query.get(name);
  if (text === null || isDate(text)) return text;
  throw bad(name, `"${text}" is not a date`, "Write it as YYYY-MM-DD.");
}

const MOST_DAYS = 20_000;

/** @throws BackfillError (usage) for days that are no range, or more than anybody looks at. */
export function refuseRange(from: string, to: string): void {
  if (from > to) throw bad("from", `${from} is after ${to}`, "Give the earlier day as from.");
  if (epochDayOf(to) - epochDayOf(from) > MOST_DAYS)
    throw bad("from", "the range is too long", `Ask for up to ${MOST_DAYS} days.`);
}

/** The error for a parameter that cannot be as it is. */
function bad(name: string, reason: string, nextStep: string): BackfillError {
  return new BackfillError({ kind: "usage", operation: `read ${name}`, reason, nextStep });
}
