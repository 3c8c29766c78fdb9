import { expect, test } from "bun:test";
import { requestsPerMinute } from "../../src/cli/rest-flags.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

test("--rpm is a number of requests a minute, no limit if it is not given", () => {
  const given = ["1", "5", "6000", undefined].map((rpm) => requestsPerMinute({ rpm }));
  expect(given).toEqual([1, 5, 6000, null]);
});

test.each(["0", "6001", "5.5", "-5", "five", ""])("--rpm=%s is a usage error", (rpm) => {
  expect(wordsOf(thrownBy(() => requestsPerMinute({ rpm })))).toEqual({
    kind: "usage",
    operation: "read --rpm",
    reason: `"${rpm}" is not a whole number from 1 to 6000`,
    nextStep: "Write it as --rpm=10.",
  });
});
