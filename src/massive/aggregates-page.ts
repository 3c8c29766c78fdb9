import { MINUTE_MS, type Bar } from "../core/bar.ts";
import { memberOf } from "./unknown-json.ts";

/** Window starts that an answer may hold, UTC epoch milliseconds, end exclusive. */
export interface StampBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Why an element of `results` is not a bar that we asked for. */
type BarFault =
  | "not a number"
  | "negative volume"
  | "high or low not around open and close"
  | "not a whole minute"
  | "outside the dates asked for";

export interface RejectedBar {
  readonly reason: BarFault;
  /** The element as it came. */
  readonly text: string;
}

/** One page of an answer about bars. */
export interface AggregatesPage {
  readonly bars: readonly Bar[];
  readonly rejected: readonly RejectedBar[];
  /** Where the next page is; null on the last. */
  readonly nextUrl: string | null;
  /** The plan's data is 15 minutes late. */
  readonly delayed: boolean;
  /** Whether prices are adjusted for splits; null if the answer does not say. */
  readonly adjusted: boolean | null;
}

/**
 * Reads the JSON of `/v2/aggs/...`: `{status, ticker, adjusted, results: [{t, o, h, l, c, v, vw, n}], next_url}`,
 * where index bars lack `v`, `vw` and `n`, and an answer without data lacks `results`.
 * Source: the vendor's OpenAPI description. Returns null for JSON of any other shape or about another ticker.
 */
export function readAggregatesPage(
  json: unknown,
  ticker: string,
  bounds: StampBounds,
): AggregatesPage | null {
  const status = memberOf(json, "status");
  const results = memberOf(json, "results") ?? [];
  const nextUrl = memberOf(json, "next_url") ?? null;
  const adjusted = memberOf(json, "adjusted");
  if (status !== "OK" && status !== "DELAYED") return null;
  if ((memberOf(json, "ticker") ?? ticker) !== ticker || !Array.isArray(results)) return null;
  if (nextUrl !== null && typeof nextUrl !== "string") return null;
  const bars: Bar[] = [];
  const rejected: RejectedBar[] = [];
  for (const result of results) {
    const bar = readBar(result, bounds);
    if (typeof bar === "string") rejected.push({ reason: bar, text: JSON.stringify(result).slice(0, 500) });
    else bars.push(bar);
  }
  return {
    bars,
    rejected,
    nextUrl: nextUrl === "" ? null : nextUrl,
    delayed: status === "DELAYED",
    adjusted: typeof adjusted === "boolean" ? adjusted : null,
  };
}

function readBar(result: unknown, { fromMs, toMs }: StampBounds): Bar | BarFault {
  const windowStartMs = numberAt(result, "t");
  const open = numberAt(result, "o");
  const high = numberAt(result, "h");
  const low = numberAt(result, "l");
  const close = numberAt(result, "c");
  const volume = optionalNumberAt(result, "v");
  const vwap = optionalNumberAt(result, "vw");
  const transactions = optionalNumberAt(result, "n");
  // A sum is finite only if every part is.
  const sum = open + high + low + close + windowStartMs + (volume ?? 0) + (vwap ?? 0) + (transactions ?? 0);
  if (!Number.isFinite(sum)) return "not a number";
  if (transactions !== null && !Number.isSafeInteger(transactions)) return "not a number";
  if ((volume ?? 0) < 0 || (transactions ?? 0) < 0) return "negative volume";
  if (high < open || high < close || low > open || low > close)
    return "high or low not around open and close";
  if (windowStartMs % MINUTE_MS !== 0) return "not a whole minute";
  if (windowStartMs < fromMs || windowStartMs >= toMs) return "outside the dates asked for";
  return { windowStartMs, open, high, low, close, volume, vwap, transactions };
}

function numberAt(result: unknown, name: string): number {
  const value = memberOf(result, name);
  return typeof value === "number" ? value : Number.NaN;
}

function optionalNumberAt(result: unknown, name: string): number | null {
  const value = memberOf(result, name) ?? null;
  return value === null || typeof value === "number" ? value : Number.NaN;
}
