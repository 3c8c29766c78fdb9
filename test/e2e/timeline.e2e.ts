import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { eveningMs } from "../../src/core/publication.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, cachedDays } from "../support/cache-contents.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { apiTruthOf, lookAlike, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY] = [
  "2024-11-18",
  "2024-11-19",
  "2024-11-20",
  "2024-11-21",
  "2024-11-22",
] as const;

/** In the order of historical_bars. */
const SYMBOLS = ["AAPL", "NDX", "SPX", "X:BTC-USD"] as const;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** Where the bars of each symbol and day have to come from by now; days in order. */
type Sources = Readonly<Record<string, readonly ("api" | "flatfile")[]>>;

/** The bars that cache and Postgres have to hold, as the look-alike has them in its files and gives them by API. */
async function expectedBars(sandbox: Sandbox, sources: Sources): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const symbol of SYMBOLS)
    for (const [index, date] of [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY].entries()) {
      const source = sources[symbol]?.[index];
      if (source === "flatfile") lines.set(`${symbol} ${date}`, truthOf(sandbox, symbol, [date]));
      if (source === "api")
        lines.set(`${symbol} ${date}`, await apiTruthOf(sandbox, symbol, date, eveningMs(date)));
    }
  return lines;
}

function minuteOf(line: string): string {
  return line.split(" ").slice(0, 3).join(" ");
}

/** How many minutes differ between two lists of bars of the same days. */
function changesBetween(before: readonly string[], after: readonly string[]) {
  const old = new Map(before.map((line) => [minuteOf(line), line]));
  const kept = after.filter((line) => old.has(minuteOf(line)));
  return {
    added: after.length - kept.length,
    changed: kept.filter((line) => old.get(minuteOf(line)) !== line).length,
    removed: before.length - kept.length,
  };
}

function linesOf(
  lines: ReadonlyMap<string, readonly string[]>,
  days: readonly (readonly [symbol: string, date: string])[],
): string[] {
  return days.flatMap(([symbol, date]) => lines.get(`${symbol} ${date}`) ?? []);
}

const NONE = { days: 0, added: 0, changed: 0, removed: 0 };

test("five evenings: today by API, a late file, files published, republished, and a plan that ends", async () => {
  let today: string = MONDAY;
  await using server = await lookAlike(() => today, { historyFrom: MONDAY });
  const { sandbox } = server;
  using dir = tempDir();
  const dataDir = join(dir.path, "data");
  const url = await newDatabase(postgres, "timeline");
  const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };

  /** The nightly run of an evening, after which cache and Postgres hold exactly what they should. */
  async function evening(date: string, sources: Sources, ...flags: readonly string[]) {
    today = date;
    const outcome = await run(["hybrid", `--today=${date}`, "--json", ...flags], options);
    expectExit(outcome, 0);
    const bars = await expectedBars(sandbox, sources);
    const expected = [...bars.values()].flat();
    expect(differences(cachedBars(dataDir), expected)).toEqual([]);
    expect(differences(await storedBars(url), expected)).toEqual([]);
    expect(cachedDays(dataDir).map((line) => line.split(" ")[2])).toEqual(
      SYMBOLS.flatMap((symbol) => sources[symbol] ?? []),
    );
    const verified = await run(
      ["verify", "--cache", "--files", "--target", "--source", "--json", `--today=${date}`],
      options,
    );
    expectExit(verified, 0);
    return { json: outcome.json(), bars };
  }

  const first = await evening(
    MONDAY,
    { AAPL: ["api"], SPX: ["api"], "X:BTC-USD": ["api"] },
    "--symbols=SPX,AAPL,X:BTC-USD",
    "--days=0",
  );
  expect(first.json).toMatchObject({
    days: { flatfile: 0, api: 3, pending: 0, failed: 0 },
    requests: 3,
    sync: { batches: 3, pending: 0 },
  });

  // Monday's files are late, but for crypto's: nothing is wrong, and what is here stays provisional.
  for (const dataset of ["indices", "stocks"] as const) sandbox.hold(dataset, MONDAY);
  const second = await evening(
    TUESDAY,
    { AAPL: ["api", "api"], SPX: ["api", "api"], "X:BTC-USD": ["flatfile", "api"] },
    "--days=1",
  );
  expect(second.json).toMatchObject({
    days: { flatfile: 1, api: 3, skipped: 2, pending: 0, denied: 0, failed: 0 },
    replaced: { provisional: { days: 1 }, republished: NONE },
    sync: { batches: 4 },
  });

  // The files come, Monday's with corrections, and take the place of what the API said.
  sandbox.republish("indices", MONDAY, ["I:SPX"]);
  for (const dataset of ["indices", "stocks"] as const) sandbox.release(dataset, MONDAY);
  const third = await evening(
    WEDNESDAY,
    {
      AAPL: ["flatfile", "flatfile", "api"],
      SPX: ["flatfile", "flatfile", "api"],
      "X:BTC-USD": ["flatfile", "flatfile", "api"],
    },
    "--days=0",
  );
  const finalised = [
    ["AAPL", MONDAY],
    ["AAPL", TUESDAY],
    ["SPX", MONDAY],
    ["SPX", TUESDAY],
    ["X:BTC-USD", TUESDAY],
  ] as const;
  expect(third.json).toMatchObject({
    days: { flatfile: 5, api: 3, failed: 0 },
    replaced: {
      provisional: {
        days: 5,
        ...changesBetween(linesOf(second.bars, finalised), linesOf(third.bars, finalised)),
      },
      republished: NONE,
    },
    // Tuesday's SPX is in the file as the API gave it: nothing to send.
    sync: { batches: 3 + 4 },
  });

  // Two published days are replaced by corrected files.
  sandbox.republish("indices", MONDAY, ["I:SPX"]);
  sandbox.republish("stocks", TUESDAY, ["AAPL"]);
  const byFiles = ["flatfile", "flatfile", "flatfile"] as const;
  const fourth = await evening(
    THURSDAY,
    { AAPL: [...byFiles, "api"], SPX: [...byFiles, "api"], "X:BTC-USD": [...byFiles, "api"] },
    "--days=0",
  );
  const corrected = [
    ["SPX", MONDAY],
    ["AAPL", TUESDAY],
  ] as const;
  const corrections = changesBetween(linesOf(third.bars, corrected), linesOf(fourth.bars, corrected));
  expect(Math.min(corrections.added, corrections.changed, corrections.removed)).toBeGreaterThan(0);
  expect(fourth.json).toMatchObject({
    days: { flatfile: 5, api: 3, failed: 0 },
    replaced: { provisional: { days: 3, added: 0, removed: 0 }, republished: { days: 2, ...corrections } },
    // The two corrected days, the vwap of the API that AAPL and bitcoin lose on Wednesday, and today's three.
    sync: { batches: 2 + 2 + 3 },
  });

  // The subscription loses its flat files: what is here stays, and the days to come are the API's. A symbol that is
  // new comes from the files that were kept, and on Thursday, whose file is published but refused, by API.
  sandbox.changePlan({ planFrom: { indices: null, stocks: null, crypto: null } });
  const fifth = await evening(
    FRIDAY,
    {
      AAPL: [...byFiles, "api", "api"],
      NDX: [...byFiles, "api", "api"],
      SPX: [...byFiles, "api", "api"],
      "X:BTC-USD": [...byFiles, "api", "api"],
    },
    "--symbols=SPX,NDX,AAPL,X:BTC-USD",
    "--days=4",
  );
  expect(fifth.json).toMatchObject({
    // A day counts once for each dataset, and as what was done for the new symbol.
    days: { flatfile: 3, api: 3 + 1, skipped: 8, pending: 0, denied: 0, failed: 0 },
    files: { downloaded: 0, reused: 3 },
    requests: 4,
    replaced: { provisional: NONE, republished: NONE },
    sync: { batches: 3 + 5, pending: 0 },
  });
  const status = await run(["status", "--json", `--today=${FRIDAY}`], { cwd: dir.path });
  expect(status.json()).toMatchObject({
    // A minute that the vendor took back from the index's Monday.
    gaps: 1,
    entitlements: ["crypto", "indices", "stocks"].map((dataset) => ({
      source: "flatfile",
      dataset,
      refusedTo: THURSDAY,
      sentence: "forbidden",
    })),
  });
});
