import { expect, test } from "bun:test";
import type { Dataset } from "../../../src/core/datasets.ts";
import { dayRules } from "../../../src/workflows/verify/day-rules.ts";

/** First and last minute that a day's bars may have, in UTC; null for a day without any. */
const HOURS: readonly [dataset: Dataset, date: string, hours: readonly [string, string] | null][] = [
  ["stocks", "2024-07-03", ["2024-07-03T08:00", "2024-07-03T23:59"]],
  ["stocks", "2024-11-04", ["2024-11-04T09:00", "2024-11-05T00:59"]],
  ["stocks", "2024-11-28", null],
  ["options", "2024-11-22", ["2024-11-22T14:30", "2024-11-22T21:15"]],
  ["options", "2024-03-11", ["2024-03-11T13:30", "2024-03-11T20:15"]],
  ["indices", "2024-11-28", ["2024-11-28T00:00", "2024-11-29T05:59"]],
  ["indices", "2024-11-23", null],
  ["crypto", "2024-11-23", ["2024-11-23T00:00", "2024-11-24T05:59"]],
  ["forex", "2024-11-17", ["2024-11-17T22:00", "2024-11-18T05:59"]],
  ["forex", "2024-03-10", ["2024-03-10T21:00", "2024-03-11T04:59"]],
  ["forex", "2024-11-20", ["2024-11-20T00:00", "2024-11-21T05:59"]],
  ["forex", "2024-11-22", ["2024-11-22T00:00", "2024-11-22T21:59"]],
  ["forex", "2024-11-23", null],
];

test.each(HOURS)("%s on %s", (dataset, date, hours) => {
  const rules = dayRules(dataset, date);
  const [first, last] = [rules.hours.fromMs, rules.hours.toMs - 60_000].map((ms) =>
    new Date(ms).toISOString().slice(0, 16),
  );
  expect(rules.isClosed ? null : [first, last]).toEqual(hours === null ? null : [...hours]);
});
