import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { DATASETS, type Dataset } from "../../../src/core/datasets.ts";
import type { Decision } from "../../../src/workflows/planning/decide-day.ts";
import type { KnownBatch, Route } from "../../../src/workflows/planning/facts.ts";
import { makePlan } from "../../../src/workflows/planning/plan.ts";
import {
  API_SENTENCE,
  factsOf,
  file,
  FILE_SENTENCE,
  fromApi,
  fromFile,
  LISTING_ERROR,
  type Given,
} from "./plan-facts.ts";

/** A Friday on which every dataset has a session. */
const DAY = "2024-11-22";
const SETTLED = "2024-11-23T12:00:00-05:00";
const DURING_THE_DAY = "2024-11-22T12:00:00-05:00";

const TICKERS: Readonly<Record<Dataset, string>> = {
  indices: "I:SPX",
  stocks: "AAPL",
  options: "O:SPY251121C00650000",
  crypto: "X:BTC-USD",
  forex: "C:EUR-USD",
};

const ROUTES: readonly Route[] = ["files first", "files only", "API first", "API only"];

/** The worlds of the rows of the truth table. */
const FILES: Readonly<Record<string, (dataset: Dataset) => Partial<Given>>> = {
  unpublished: () => ({}),
  published: (dataset) => ({ files: [file(dataset, DAY)], filesRefusedTo: { [dataset]: "2024-11-21" } }),
  refused: (dataset) => ({ files: [file(dataset, DAY)], filesRefusedTo: { [dataset]: DAY } }),
  here: (dataset) => ({
    files: [file(dataset, DAY, { local: true })],
    filesRefusedTo: { [dataset]: DAY },
  }),
  "no S3 keys": () => ({ listing: "none" }),
  unlisted: () => ({ listing: "unreadable" }),
  "unlisted, not due": () => ({ listing: "unreadable", now: "2024-11-23T10:59:59.999-05:00" }),
  "week late": () => ({ now: "2024-11-30T11:00:00-05:00" }),
};

const BATCHES: Readonly<Record<string, KnownBatch | null>> = {
  none: null,
  file: fromFile(DAY),
  "file, empty": fromFile(DAY, { barCount: 0 }),
  "older file": fromFile(DAY, { etag: "replaced" }),
  "older, empty": fromFile(DAY, { etag: "replaced", barCount: 0 }),
  "API, final": fromApi(SETTLED),
  "API, part": fromApi(DURING_THE_DAY, { sessionBarCount: 150 }),
};

/** The words of the truth table, as a plan puts them. */
const WORDS: Readonly<Record<string, Decision>> = {
  "up to date": { action: "keep", reason: "up to date" },
  absent: { action: "keep", reason: "known to be absent" },
  published: { action: "read file", reason: "flat file published" },
  republished: { action: "read file", reason: "flat file republished" },
  "local file": { action: "read file", reason: "local file reused" },
  "API: unpublished": { action: "ask API", reason: "not published yet, so API" },
  "API: refused": { action: "ask API", reason: "flat files not in the plan, so API" },
  "API: no files": { action: "ask API", reason: "no flat files, so API" },
  "API: cheaper": { action: "ask API", reason: "API is cheaper" },
  "API: chosen": { action: "ask API", reason: "API chosen" },
  wait: { action: "wait", reason: "not published yet" },
  "wait, API refuses": { action: "wait", reason: "not published yet", sentence: API_SENTENCE },
  nothing: { action: "wait", reason: "nothing to read it from" },
  never: { action: "miss", reason: "never published" },
  unlisted: {
    action: "miss",
    reason: "the listing could not be read",
    sentence: LISTING_ERROR.message,
  },
  "denied file": { action: "denied", reason: "not in the plan", sentence: FILE_SENTENCE },
  "denied API": { action: "denied", reason: "not in the plan", sentence: API_SENTENCE },
};

interface Row {
  readonly route: Route;
  readonly fileCase: string;
  readonly batchCase: string;
  /** Without the API, with it, and if it refuses the day. */
  readonly answers: readonly string[];
}

function readTable(): Row[] {
  const rows: Row[] = [];
  let route: Route | undefined;
  for (const line of readFileSync(new URL("truth-table.md", import.meta.url), "utf8").split("\n")) {
    if (line.startsWith("## ")) route = ROUTES.find((one) => one === line.slice(3).trim());
    const cells = line.split("|").map((cell) => cell.trim());
    const [, fileCase = "", batchCase = "", ...rest] = cells;
    if (route !== undefined && fileCase in FILES)
      rows.push({ route, fileCase, batchCase, answers: rest.slice(0, 3) });
  }
  return rows;
}

function decisionFor(given: Given): Decision {
  const { days } = makePlan(factsOf(given));
  expect(days).toHaveLength(1);
  const [{ dataset: _, ticker: __, date: ___, ...decision } = { action: "none", reason: "closed" } as const] =
    days.map((day) => ({ ...day }));
  return decision;
}

function decide(dataset: Dataset, { route, fileCase, batchCase }: Row, api: Partial<Given>): Decision {
  const batch = BATCHES[batchCase] ?? null;
  return decisionFor({
    symbols: [TICKERS[dataset]],
    from: DAY,
    route,
    ...FILES[fileCase]?.(dataset),
    batches: batch === null ? {} : { [`${TICKERS[dataset]} ${DAY}`]: batch },
    ...api,
  });
}

describe("the truth table", () => {
  const table = readTable();

  test("has every route, file and batch once, and every reason of a day that can have bars", () => {
    const names = table.map(({ route, fileCase, batchCase }) => `${route}|${fileCase}|${batchCase}`);
    const all = ROUTES.flatMap((route) =>
      Object.keys(FILES).flatMap((fileCase) =>
        Object.keys(BATCHES).map((batchCase) => `${route}|${fileCase}|${batchCase}`),
      ),
    );
    expect(names).toEqual(all);
    expect([...new Set(table.flatMap(({ answers }) => answers))].toSorted()).toEqual(
      Object.keys(WORDS).toSorted(),
    );
  });

  describe.each([...DATASETS])("holds for %s", (dataset) => {
    const refused = { [TICKERS[dataset]]: DAY };
    test.each(ROUTES)("%s", (route) => {
      const rows = table.filter((row) => row.route === route);
      const decided = rows.map((row) => [
        `${row.fileCase} | ${row.batchCase}`,
        decide(dataset, row, { api: false }),
        decide(dataset, row, { api: true }),
        decide(dataset, row, { api: true, apiRefusedTo: refused }),
      ]);
      const expected = rows.map((row) => [
        `${row.fileCase} | ${row.batchCase}`,
        ...row.answers.map((word) => WORDS[word]),
      ]);
      expect(decided).toEqual<unknown[]>(expected);
    });
  });
});

describe.each([...DATASETS])("a day of one symbol of %s", (dataset) => {
  const symbol = { symbols: [TICKERS[dataset]], from: DAY };
  const published = { ...symbol, files: [file(dataset, DAY)] };

  test("is known to be absent if its file was read whole, whatever else is possible", () => {
    const allRead = [`${dataset} ${DAY} ${DAY} first`];
    for (const fileCase of ["published", "refused", "here"])
      for (const api of [false, true])
        expect(decisionFor({ ...symbol, ...FILES[fileCase]?.(dataset), api, allRead })).toEqual({
          action: "keep",
          reason: "known to be absent",
        });
  });

  test("is read again if another version of its file was read whole", () => {
    const allRead = [`${dataset} ${DAY} replaced`, `${dataset} 2024-11-21 ${DAY} first`];
    expect(decisionFor({ ...published, allRead }).reason).toBe("flat file published");
  });

  test("is known to be absent if any version of its file was read whole and none is published now", () => {
    const given = { ...symbol, allRead: [`${dataset} ${DAY} replaced`] };
    for (const api of [false, true]) expect(decisionFor({ ...given, api }).reason).toBe("known to be absent");
    const other = { ...symbol, allRead: [`${dataset} 2024-11-21 ${DAY} first`] };
    expect(decisionFor(other).reason).toBe("not published yet");
  });

  test("is refused up to the last day that the vendor refused, and not from the next on", () => {
    const files = [
      [DAY, "denied"],
      ["2024-11-21", "read file"],
      ["9999-12-31", "denied"],
    ] as const;
    for (const [to, action] of files)
      expect(decisionFor({ ...published, filesRefusedTo: { [dataset]: to } }).action).toBe(action);
    for (const [to, action] of [
      ["2024-11-21", "ask API"],
      [DAY, "wait"],
    ] as const)
      expect(decisionFor({ ...symbol, api: true, apiRefusedTo: { [TICKERS[dataset]]: to } }).action).toBe(
        action,
      );
  });

  test("is a miss a week after its file was due, not a moment before", () => {
    expect(decisionFor({ ...symbol, now: "2024-11-30T10:59:59.999-05:00" }).action).toBe("wait");
    expect(decisionFor({ ...symbol, now: "2024-11-30T11:00:00-05:00" }).action).toBe("miss");
  });
});

describe.each([...DATASETS])("a day of every ticker of %s", (dataset) => {
  const whole = { wholeDatasets: [dataset], from: DAY };
  const allRead = [`${dataset} ${DAY} ${DAY} first`];
  const reasons = (given: Partial<Given>) =>
    Object.entries(FILES).map(([name, fileCase]) => [
      name,
      decisionFor({ ...whole, ...fileCase(dataset), ...given }).reason,
    ]);

  test("comes from its file or waits; the API is never asked", () => {
    for (const api of [false, true])
      for (const route of ["files first", "files only", "API first"] as const)
        expect(reasons({ api, route })).toEqual([
          ["unpublished", "not published yet"],
          ["published", "flat file published"],
          ["refused", "not in the plan"],
          ["here", "local file reused"],
          ["no S3 keys", "nothing to read it from"],
          ["unlisted", "the listing could not be read"],
          ["unlisted, not due", "the listing could not be read"],
          ["week late", "never published"],
        ]);
  });

  test("is up to date if its file was read whole, and read again if that was another version", () => {
    expect(new Set(reasons({ allRead }).map(([, reason]) => reason))).toEqual(new Set(["up to date"]));
    const older = [`${dataset} ${DAY} replaced`];
    const republished = { ...whole, ...FILES["published"]?.(dataset), allRead: older };
    expect(decisionFor(republished).reason).toBe("flat file republished");
    expect(decisionFor({ ...whole, allRead: older }).reason).toBe("up to date");
  });

  test("stands under the ticker *", () => {
    expect(makePlan(factsOf({ ...whole, files: [file(dataset, DAY)] })).days).toEqual([
      { dataset, ticker: "*", date: DAY, action: "read file", reason: "flat file published" },
    ]);
  });
});
