import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DATASETS } from "../../../src/core/datasets.ts";
import { datesBetween } from "../../../src/core/dates.ts";
import type { KnownBatch, Route } from "../../../src/workflows/planning/facts.ts";
import { makePlan, type PlannedDay } from "../../../src/workflows/planning/plan.ts";
import { factsOf, file, fromApi, fromFile, type Given } from "./plan-facts.ts";

function anyBatch(date: string): fc.Arbitrary<KnownBatch | null> {
  return fc.constantFrom(
    null,
    fromFile(date),
    fromFile(date, { barCount: 0 }),
    fromFile(date, { etag: "replaced" }),
    fromApi("2024-11-20T12:00:00Z"),
    fromApi("2024-11-25T12:00:00Z"),
  );
}

/** Name of a row of a plan: a ticker, or every ticker of a dataset, on a date. */
function nameOf({ ticker, dataset, date }: PlannedDay): string {
  return ticker === "*" ? `* ${dataset} ${date}` : `${ticker} ${date}`;
}

describe("any plan", () => {
  const FROM = "2024-11-18";
  const TO = "2024-11-24";
  const dates = datesBetween(FROM, TO);
  const symbols = ["I:SPX", "I:NDX", "AAPL", "X:BTC-USD"];

  const given: fc.Arbitrary<Given> = fc.record({
    symbols: fc.subarray(symbols),
    wholeDatasets: fc.subarray(["indices", "stocks"] as const),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    now: fc.constantFrom("2024-11-20T12:00:00-05:00", "2024-11-25T12:00:00-05:00"),
    api: fc.boolean(),
    listing: fc.constantFrom("read", "none", "unreadable"),
    route: fc.constantFrom<Route>("files first", "files only", "API first", "API only"),
    files: fc
      .subarray(DATASETS.flatMap((dataset) => dates.map((date) => [dataset, date] as const)))
      .chain((pairs) =>
        fc.tuple(
          ...pairs.map(([dataset, date]) =>
            fc.boolean().map((local) => file(dataset, date, { local, key: `${dataset} ${date}` })),
          ),
        ),
      ),
    filesRefusedTo: fc.record({
      indices: fc.constantFrom("2000-01-01", ...dates, "9999-12-31"),
      crypto: fc.constantFrom("2000-01-01", ...dates, "9999-12-31"),
    }),
    batches: fc
      .tuple(
        ...symbols.flatMap((ticker) =>
          dates.map((date) => anyBatch(date).map((one) => [`${ticker} ${date}`, one] as const)),
        ),
      )
      .map((entries) =>
        Object.fromEntries(entries.flatMap(([key, one]) => (one === null ? [] : [[key, one]]))),
      ),
    allRead: fc.subarray(dates.map((date) => `indices ${date} ${date} first`)),
  });

  test("follows from the facts alone and leaves them as they are", () => {
    fc.assert(
      fc.property(given, (world) => {
        const facts = factsOf(world);
        const before = structuredClone([facts.selection, facts.files, facts.fileRefusals]);
        const plan = makePlan(facts);
        expect(makePlan(factsOf(world))).toEqual(plan);
        expect([facts.selection, facts.files, facts.fileRefusals]).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test("says something of every symbol and date once, and does exactly what its days say", () => {
    fc.assert(
      fc.property(given, (world) => {
        const { days, files, requests } = makePlan(factsOf(world));
        const rows = [...(world.symbols ?? []), ...(world.wholeDatasets ?? []).map((name) => `* ${name}`)];
        expect(days.map(nameOf).toSorted()).toEqual(
          rows.flatMap((row) => dates.map((date) => `${row} ${date}`)).toSorted(),
        );

        const daysWith = (action: string) => days.filter((day) => day.action === action);
        const asked = requests.flatMap((one) => one.dates.map((date) => `${one.symbol.ticker} ${date}`));
        expect(asked.toSorted()).toEqual(
          daysWith("ask API")
            .map((day) => `${day.ticker} ${day.date}`)
            .toSorted(),
        );
        for (const { from, to, dates: wanted } of requests)
          expect([from, to]).toEqual([wanted[0] ?? "", wanted.at(-1) ?? ""]);

        const read = new Set(daysWith("read file").map((day) => `${day.dataset} ${day.date}`));
        expect(files.map((one) => one.file.key).toSorted()).toEqual([...read].toSorted());
        for (const {
          file: { dataset, date },
          tickers,
        } of files) {
          const wanting = daysWith("read file")
            .filter((day) => day.dataset === dataset && day.date === date)
            .map((day) => day.ticker);
          expect(tickers).toEqual(wanting.includes("*") ? "all" : wanting);
        }
        if (world.api === false) expect(requests).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
