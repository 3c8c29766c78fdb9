import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Bar } from "../../src/core/bar.ts";
import { eveningMs } from "../../src/core/publication.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { barLine, differences } from "../support/bar-lines.ts";
import { expectExit, run, type Outcome } from "../support/binary.ts";
import { cachedBars, cachedDays } from "../support/cache-contents.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { apiTruthOf, sandboxAt, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const DATE = "2024-11-20";
/** The look-alike's clock goes with the `--today` of each run. */
let today = DATE;
const sandbox: Sandbox = await sandboxAt(() => today);

beforeEach(() => {
  sandbox.faults.clear();
  // The flat files are late, so that the API is all there is.
  for (const dataset of ["indices", "stocks"] as const) sandbox.hold(dataset, DATE);
});
afterAll(() => sandbox.stop());

/** The next question about `ticker` is answered with these bars alone, as for a day that is not there yet. */
function answerOnce(ticker: string, bars: readonly Bar[]): void {
  const results = bars.map(({ windowStartMs: t, open: o, high: h, low: l, close: c }) => ({ o, c, h, l, t }));
  const body = { ticker, queryCount: bars.length, status: "OK", count: bars.length };
  const answer = jsonAnswer(200, { ...body, ...(bars.length > 0 ? { results } : {}) });
  sandbox.faults.add({ match: new RegExp(`^/v2/aggs/ticker/${ticker}/`), fault: { kind: "answer", answer } });
}

async function hybrid(dir: TempDir, date: string, symbols: string): Promise<Outcome> {
  today = date;
  const command = ["hybrid", `--symbols=${symbols}`, `--from=${DATE}`, `--to=${DATE}`, `--today=${date}`];
  const outcome = await run([...command, "--json"], { cwd: dir.path, env: sandbox.environment });
  expectExit(outcome, 0);
  return outcome;
}

function linesOf(bars: readonly Bar[]): string[] {
  return bars.map((bar) => barLine("SPX", "1m", bar));
}

/** The state of `DATE` for each symbol, and the number of gaps, as `status` tells them. */
async function stateOf(dir: TempDir): Promise<unknown> {
  const range = [`--from=${DATE}`, `--to=${DATE}`, `--today=${today}`];
  const outcome = await run(["status", "--json", ...range], { cwd: dir.path });
  expectExit(outcome, 0);
  const { symbols, gaps } = outcome.json();
  if (!Array.isArray(symbols)) throw new Error("there are no symbols");
  const states = symbols.map((coverage: { symbol: string; days: { state: string }[] }) => [
    coverage.symbol,
    ...coverage.days.map((day) => day.state),
  ]);
  return { states, gaps };
}

describe("an answer of the API without bars", () => {
  test.each([
    ["SPX", "I:SPX"],
    ["AAPL", "AAPL"],
  ])(
    "for %s on the evening of a session is no proof: it is asked again, and the day arrives",
    async (symbol, ticker) => {
      using dir = tempDir();
      const dataDir = join(dir.path, "data");
      answerOnce(ticker, []);
      expect((await hybrid(dir, DATE, symbol)).json()).toMatchObject({ symbolsWithoutBars: [symbol] });
      expect(cachedBars(dataDir)).toEqual([]);
      expect(await stateOf(dir)).toEqual({ states: [[symbol, "pending"]], gaps: 0 });

      const second = await hybrid(dir, "2024-11-21", symbol);
      expect(second.json()).toMatchObject({ days: { api: 1 }, requests: 1, symbolsWithoutBars: [] });
      const truth = await apiTruthOf(sandbox, symbol, DATE, eveningMs(today));
      expect(differences(cachedBars(dataDir), truth)).toEqual([]);
      expect(await stateOf(dir)).toEqual({ states: [[symbol, "provisional"]], gaps: 0 });

      const third = await hybrid(dir, "2024-11-21", symbol);
      expect(third.json()).toMatchObject({ days: { api: 0, skipped: 1 }, requests: 0 });
      sandbox.release(symbol === "SPX" ? "indices" : "stocks", DATE);
      expect((await hybrid(dir, "2024-11-21", symbol)).json()).toMatchObject({ days: { flatfile: 1 } });
      expect(differences(cachedBars(dataDir), truthOf(sandbox, symbol, [DATE]))).toEqual([]);
    },
  );

  test("is believed days later of a stock, never of an index", async () => {
    using dir = tempDir();
    for (const ticker of ["I:SPX", "AAPL"]) answerOnce(ticker, []);
    await hybrid(dir, "2024-11-24", "SPX,AAPL");
    expect(await stateOf(dir)).toEqual({
      states: [
        ["AAPL", "absent"],
        ["SPX", "missing"],
      ],
      gaps: 1,
    });
  });
});

describe("an answer of the API with a part of a session", () => {
  test("is asked again until the session is whole, and takes away nothing that was there", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const bars = sandbox.truth("indices", "I:SPX", DATE);
    expect(bars).toHaveLength(390);

    answerOnce("I:SPX", bars.slice(0, 300));
    await hybrid(dir, DATE, "SPX");
    expect(differences(cachedBars(dataDir), linesOf(bars.slice(0, 300)))).toEqual([]);
    expect(await stateOf(dir)).toEqual({ states: [["SPX", "provisional"]], gaps: 0 });

    // Less than before, but later, and one bar of it was corrected.
    const corrected = bars.map((bar, index) => (index === 250 ? { ...bar, high: bar.high + 1 } : bar));
    answerOnce("I:SPX", corrected.slice(200, 350));
    await hybrid(dir, "2024-11-21", "SPX");
    expect(differences(cachedBars(dataDir), linesOf(corrected.slice(0, 350)))).toEqual([]);
    expect(await stateOf(dir)).toEqual({ states: [["SPX", "partial"]], gaps: 1 });

    answerOnce("I:SPX", []);
    await hybrid(dir, "2024-11-21", "SPX");
    expect(differences(cachedBars(dataDir), linesOf(corrected.slice(0, 350)))).toEqual([]);

    await hybrid(dir, "2024-11-21", "SPX");
    expect(differences(cachedBars(dataDir), linesOf(bars))).toEqual([]);
    expect(cachedDays(dataDir)).toEqual([`SPX ${DATE} api 390`]);
    expect(await stateOf(dir)).toEqual({ states: [["SPX", "provisional"]], gaps: 0 });
    expect((await hybrid(dir, "2024-11-21", "SPX")).json()).toMatchObject({ requests: 0 });
  });
});
