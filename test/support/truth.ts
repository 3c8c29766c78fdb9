import { MINUTE_MS, type Bar } from "../../src/core/bar.ts";
import { datesBetween } from "../../src/core/dates.ts";
import { eveningMs } from "../../src/core/publication.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import { parseSymbol } from "../../src/core/symbols.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import { barLine } from "./bar-lines.ts";
import { isObject } from "./binary.ts";

/** Keys that no other text can be mistaken for, with characters that need care on their way. */
const CREDENTIALS = {
  accessKeyId: "E2EACCESSKEYID42",
  secretAccessKey: "secret+e2e/key=%2F&#?",
  apiKey: "api+e2e/key=%2F&#?",
};

/** A look-alike at the evening of `today` (New York), with keys of its own that the leak check knows. */
export function sandboxAt(today: string | (() => string), options: SandboxOptions = {}): Promise<Sandbox> {
  const nowMs = () => eveningMs(typeof today === "string" ? today : today());
  return startSandbox({ nowMs, ...CREDENTIALS, ...options });
}

export interface LookAlike extends AsyncDisposable {
  readonly sandbox: Sandbox;
}

/** As `sandboxAt`; `await using` stops it at the end of the block. */
export async function lookAlike(...args: Parameters<typeof sandboxAt>): Promise<LookAlike> {
  const sandbox = await sandboxAt(...args);
  return { sandbox, [Symbol.asyncDispose]: () => sandbox.stop() };
}

/** Every date from `from` to `to` on which `symbol` has a session. */
export function sessionDates(symbol: string, from: string, to: string): string[] {
  const { dataset } = parseSymbol(symbol);
  return datesBetween(from, to).filter((date) => sessionOf(dataset, date) !== null);
}

/** The lines of the bars that the flat files of `dates` hold for `symbol`. */
export function truthOf(sandbox: Sandbox, symbol: string, dates: readonly string[]): string[] {
  const { dataset, ticker, symbol: name } = parseSymbol(symbol);
  return dates.flatMap((date) => sandbox.truth(dataset, ticker, date).map((bar) => barLine(name, "1m", bar)));
}

/**
 * The lines of the bars that the REST API gives for `symbol` on `date` at `nowMs`: the minutes that are over,
 * with the volume-weighted price, which only the API has and which is asked of it here.
 */
export async function apiTruthOf(
  sandbox: Sandbox,
  symbol: string,
  date: string,
  nowMs: number,
): Promise<string[]> {
  const { dataset, ticker, symbol: name } = parseSymbol(symbol);
  const over = sandbox.truth(dataset, ticker, date).filter((bar) => bar.windowStartMs + MINUTE_MS <= nowMs);
  const vwaps = await vwapsOf(sandbox, ticker, over);
  return over.map((bar) => barLine(name, "1m", { ...bar, vwap: vwaps.get(bar.windowStartMs) ?? null }));
}

async function vwapsOf(sandbox: Sandbox, ticker: string, bars: readonly Bar[]): Promise<Map<number, number>> {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const restTicker = /^[XC]:/.test(ticker) ? ticker.replaceAll("-", "") : ticker;
  const path = `/v2/aggs/ticker/${restTicker}/range/1/minute/${first.windowStartMs}/${last.windowStartMs}`;
  const answer = await fetch(`${sandbox.url}${path}?adjusted=false&limit=50000`, {
    headers: { authorization: `Bearer ${sandbox.environment["MASSIVE_API_KEY"]}` },
  });
  const json: unknown = await answer.json();
  const results = isObject(json) && Array.isArray(json["results"]) ? json["results"] : [];
  return new Map(
    results.flatMap((result: unknown): [number, number][] =>
      isObject(result) && typeof result["t"] === "number" && typeof result["vw"] === "number"
        ? [[result["t"], result["vw"]]]
        : [],
    ),
  );
}
