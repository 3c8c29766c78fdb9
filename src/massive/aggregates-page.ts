import type { Bar } from "../core/bar.ts";
import { barFault, type BarFault } from "../core/bar-fault.ts";
import { memberOf } from "./unknown-json.ts";

/** Window starts that an answer may hold, UTC epoch milliseconds, end exclusive. */
export interface StampBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RejectedBar {
  readonly reason: BarFault | "outside the dates asked for";
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
  // An error that calls itself OK would pass for days without data.
  if (results.length === 0 && typeof memberOf(json, "error") === "string") return null;
  const bars: Bar[] = [];
  const rejected: RejectedBar[] = [];
  for (const result of results) {
    const bar = readBar(result, bounds);
    if (typeof bar === "string") rejected.push({ reason: bar, text: shallowText(result).slice(0, 500) });
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

/** An element as JSON, without what is nested in it: that may be deeper than anybody can follow. */
function shallowText(result: unknown): string {
  return JSON.stringify(result, (_, value: unknown) =>
    typeof value === "object" && value !== null && value !== result ? "…" : value,
  );
}

function readBar(result: unknown, { fromMs, toMs }: StampBounds): Bar | RejectedBar["reason"] {
  const bar = {
    windowStartMs: numberAt(result, "t"),
    open: numberAt(result, "o"),
    high: numberAt(result, "h"),
    low: numberAt(result, "l"),
    close: numberAt(result, "c"),
    volume: optionalNumberAt(result, "v"),
    vwap: optionalNumberAt(result, "vw"),
    transactions: optionalNumberAt(result, "n"),
  };
  const isAskedFor = bar.windowStartMs >= fromMs && bar.windowStartMs < toMs;
  return barFault(bar) ?? (isAskedFor ? bar : "outside the dates asked for");
}

function numberAt(result: unknown, name: string): number {
  const value = memberOf(result, name);
  return typeof value === "number" ? value : Number.NaN;
}

function optionalNumberAt(result: unknown, name: string): number | null {
  const value = memberOf(result, name) ?? null;
  return value === null || typeof value === "number" ? value : Number.NaN;
}
