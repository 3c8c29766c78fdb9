import { expect, test } from "bun:test";
import { SOME_RESULTS } from "../report/results.ts";
import { readResults } from "./results.ts";

test("results are read as they were written", () => {
  expect(readResults(JSON.stringify(SOME_RESULTS))).toEqual(SOME_RESULTS);
});

const [first] = SOME_RESULTS.cases;

test.each([
  ["nothing", null],
  ["a list", []],
  ["no machine", { ...SOME_RESULTS, machine: undefined }],
  ["a machine without cores", { ...SOME_RESULTS, machine: { ...SOME_RESULTS.machine, cores: "2" } }],
  [
    "a series of no known unit",
    { ...SOME_RESULTS, cases: [{ ...first, series: [{ ...first?.series[0], unit: "m" }] }] },
  ],
  [
    "a finding without a bound",
    { ...SOME_RESULTS, cases: [{ ...first, findings: [{ ...first?.findings[0], bound: "<" }] }] },
  ],
  ["a remark that is a number", { ...SOME_RESULTS, cases: [{ ...first, remarks: [1] }] }],
])("%s is refused", (_, value) => {
  expect(() => readResults(JSON.stringify(value))).toThrow("no results");
});
