import { describe, expect, test } from "bun:test";
import { DATASETS, type Dataset } from "../../src/core/datasets.ts";
import { addDays } from "../../src/core/dates.ts";
import { makePlan, type KnownBatch, type PlannedDay } from "../../src/workflows/plan.ts";
import { factsOf, file, fromApi, fromFile, type Given } from "./plan-facts.ts";

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

const BATCHES: Readonly<Record<string, KnownBatch | null>> = {
  none: null,
  file: fromFile(DAY),
  "file, no bars": fromFile(DAY, { barCount: 0 }),
  "older file": fromFile(DAY, { etag: "replaced" }),
  "older file, no bars": fromFile(DAY, { etag: "replaced", barCount: 0 }),
  "API, whole day": fromApi(SETTLED),
  "API, part of the day": fromApi(DURING_THE_DAY),
};

type FileCase = "unpublished" | "published" | "denied" | "local";
type Answer = readonly [PlannedDay["action"], PlannedDay["reason"]];

const FILES: Readonly<Record<FileCase, (dataset: Dataset) => Partial<Given>>> = {
  unpublished: () => ({ files: [] }),
  published: (dataset) => ({ files: [file(dataset, DAY)], entitledFrom: { [dataset]: DAY } }),
  denied: (dataset) => ({ files: [file(dataset, DAY)], entitledFrom: { [dataset]: addDays(DAY, 1) } }),
  local: (dataset) => ({ files: [file(dataset, DAY, { local: true })], entitledFrom: { [dataset]: null } }),
};

const UP_TO_DATE: Answer = ["keep", "up to date"];
const ABSENT: Answer = ["keep", "known to be absent"];
const PUBLISHED: Answer = ["read file", "flat file published"];
const REPUBLISHED: Answer = ["read file", "flat file republished"];
const REUSED: Answer = ["read file", "local file reused"];
const WAIT: Answer = ["wait", "not published yet"];
const DENIED: Answer = ["denied", "not in the plan"];
const NOT_YET: Answer = ["ask API", "not published yet, so API"];
const NOT_IN_PLAN: Answer = ["ask API", "flat files not in the plan, so API"];

const MISS: Answer = ["miss", "never published"];
const UNREADABLE: Answer = ["wait", "nothing to read it from"];

/** A week after 11:00 in New York on the day after. */
const WEEK_LATE = "2024-11-30T11:00:00-05:00";
const WEEK_LATE_BEFORE = "2024-11-30T10:59:59.999-05:00";

/** What is done for a file and a batch: without the API, and with it. */
const TRUTH: Readonly<Record<FileCase, Readonly<Record<string, readonly [Answer, Answer]>>>> = {
  unpublished: {
    none: [WAIT, NOT_YET],
    file: [UP_TO_DATE, UP_TO_DATE],
    "file, no bars": [ABSENT, ABSENT],
    "older file": [UP_TO_DATE, UP_TO_DATE],
    "older file, no bars": [ABSENT, ABSENT],
    "API, whole day": [UP_TO_DATE, UP_TO_DATE],
    "API, part of the day": [WAIT, NOT_YET],
  },
  published: {
    none: [PUBLISHED, PUBLISHED],
    file: [UP_TO_DATE, UP_TO_DATE],
    "file, no bars": [ABSENT, ABSENT],
    "older file": [REPUBLISHED, REPUBLISHED],
    "older file, no bars": [REPUBLISHED, REPUBLISHED],
    "API, whole day": [PUBLISHED, PUBLISHED],
    "API, part of the day": [PUBLISHED, PUBLISHED],
  },
  denied: {
    none: [DENIED, NOT_IN_PLAN],
    file: [UP_TO_DATE, UP_TO_DATE],
    "file, no bars": [ABSENT, ABSENT],
    "older file": [UP_TO_DATE, UP_TO_DATE],
    "older file, no bars": [ABSENT, ABSENT],
    "API, whole day": [UP_TO_DATE, UP_TO_DATE],
    "API, part of the day": [DENIED, NOT_IN_PLAN],
  },
  local: {
    none: [REUSED, REUSED],
    file: [UP_TO_DATE, UP_TO_DATE],
    "file, no bars": [ABSENT, ABSENT],
    "older file": [REUSED, REUSED],
    "older file, no bars": [REUSED, REUSED],
    "API, whole day": [REUSED, REUSED],
    "API, part of the day": [REUSED, REUSED],
  },
};

function onlyDay(given: Given): Answer {
  const { days } = makePlan(factsOf(given));
  expect(days).toHaveLength(1);
  const [{ action, reason } = { action: "none", reason: "no session" } as const] = days;
  return [action, reason];
}

function batchesOf(dataset: Dataset, name: string): Readonly<Record<string, KnownBatch>> {
  const batch = BATCHES[name] ?? null;
  return batch === null ? {} : { [`${TICKERS[dataset]} ${DAY}`]: batch };
}

describe.each([...DATASETS])("a day of one symbol of %s", (dataset) => {
  const symbol = { symbols: [TICKERS[dataset]], from: DAY };

  test.each(["unpublished", "published", "denied", "local"] as const)("with its file %s", (fileCase) => {
    const planned = Object.fromEntries(
      Object.keys(BATCHES).map((name) => {
        const given = { ...symbol, ...FILES[fileCase](dataset), batches: batchesOf(dataset, name) };
        return [name, [onlyDay({ ...given, api: false }), onlyDay({ ...given, api: true })] as const];
      }),
    );
    expect(planned).toEqual(TRUTH[fileCase]);
  });

  test("is known to be absent if its file was read whole, whatever else is possible", () => {
    const allRead = [`${dataset} ${DAY} ${DAY} first`];
    for (const fileCase of ["published", "denied", "local"] as const)
      for (const api of [false, true])
        expect(onlyDay({ ...symbol, ...FILES[fileCase](dataset), api, allRead })).toEqual(ABSENT);
  });

  test("is read again if another version of its file was read whole", () => {
    const given = {
      ...symbol,
      ...FILES.published(dataset),
      allRead: [`${dataset} ${DAY} replaced`, `${dataset} 2024-11-21 ${DAY} first`],
    };
    expect(onlyDay(given)).toEqual(PUBLISHED);
  });

  test("is known to be absent if any version of its file was read whole and none is published now", () => {
    const given = { ...symbol, ...FILES.unpublished(dataset), allRead: [`${dataset} ${DAY} replaced`] };
    for (const api of [false, true]) expect(onlyDay({ ...given, api })).toEqual(ABSENT);
    expect(onlyDay({ ...given, allRead: [`${dataset} 2024-11-21 ${DAY} first`] })).toEqual(WAIT);
  });

  test("that the vendor never published is a miss a week after its file was due", () => {
    const unpublished = { ...symbol, ...FILES.unpublished(dataset) };
    expect(onlyDay({ ...unpublished, now: WEEK_LATE_BEFORE })).toEqual(WAIT);
    expect(onlyDay({ ...unpublished, now: WEEK_LATE })).toEqual(MISS);
    expect(onlyDay({ ...unpublished, now: WEEK_LATE, api: true })).toEqual(NOT_YET);
    expect(onlyDay({ ...unpublished, now: WEEK_LATE, listed: false })).toEqual(UNREADABLE);
    const batches = batchesOf(dataset, "API, part of the day");
    expect(onlyDay({ ...unpublished, now: WEEK_LATE, batches })).toEqual(WAIT);
  });

  test("without a listing comes from what is here or by API", () => {
    const unlisted = { ...symbol, listed: false };
    expect(onlyDay({ ...unlisted, api: true })).toEqual(["ask API", "no flat files, so API"]);
    expect(onlyDay({ ...unlisted, api: false })).toEqual(["wait", "nothing to read it from"]);
    expect(onlyDay({ ...unlisted, ...FILES.local(dataset), api: true })).toEqual(REUSED);
    expect(onlyDay({ ...unlisted, api: true, batches: batchesOf(dataset, "file") })).toEqual(UP_TO_DATE);
  });

  test("may be fetched as long as nothing is known of the plan", () => {
    expect(onlyDay({ ...symbol, files: [file(dataset, DAY)] })).toEqual(PUBLISHED);
  });

  test("is denied if the plan has no flat files of the dataset at all", () => {
    const given = { ...symbol, files: [file(dataset, DAY)], entitledFrom: { [dataset]: null } };
    expect(onlyDay(given)).toEqual(DENIED);
  });

  test("belongs to the plan from its first day on", () => {
    const given = { ...symbol, files: [file(dataset, DAY)] };
    expect(onlyDay({ ...given, entitledFrom: { [dataset]: DAY } })).toEqual(PUBLISHED);
    expect(onlyDay({ ...given, entitledFrom: { [dataset]: "2024-11-23" } })).toEqual(DENIED);
  });
});

describe.each([...DATASETS])("a day of every ticker of %s", (dataset) => {
  const whole = { wholeDatasets: [dataset], from: DAY };
  const allRead = [`${dataset} ${DAY} ${DAY} first`];

  test("comes from its file or waits; the API is never asked", () => {
    for (const api of [false, true]) {
      const planned = (["unpublished", "published", "denied", "local"] as const).map((fileCase) =>
        onlyDay({ ...whole, ...FILES[fileCase](dataset), api }),
      );
      expect(planned).toEqual([WAIT, PUBLISHED, DENIED, REUSED]);
    }
  });

  test("is up to date if its file was read whole", () => {
    for (const fileCase of ["published", "denied", "local"] as const)
      expect(onlyDay({ ...whole, ...FILES[fileCase](dataset), allRead })).toEqual(UP_TO_DATE);
  });

  test("without a listing has nothing to be read from", () => {
    expect(onlyDay({ ...whole, listed: false, api: true })).toEqual(["wait", "nothing to read it from"]);
  });

  test("that the vendor never published is a miss a week after its file was due", () => {
    for (const api of [false, true]) {
      const unpublished = { ...whole, ...FILES.unpublished(dataset), api };
      expect(onlyDay({ ...unpublished, now: WEEK_LATE_BEFORE })).toEqual(WAIT);
      expect(onlyDay({ ...unpublished, now: WEEK_LATE })).toEqual(MISS);
      expect(onlyDay({ ...unpublished, now: WEEK_LATE, listed: false })).toEqual(UNREADABLE);
    }
  });

  test("stands under the ticker *", () => {
    expect(makePlan(factsOf({ ...whole, files: [file(dataset, DAY)] })).days).toEqual([
      { dataset, ticker: "*", date: DAY, action: "read file", reason: "flat file published" },
    ]);
  });
});
