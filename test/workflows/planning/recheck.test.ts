import { describe, expect, test } from "bun:test";
import { datesToList, recheckFrom, revisitFrom } from "../../../src/workflows/planning/recheck.ts";
import { factsOf, fromApi, fromFile, MONDAY_NOON, type Given } from "./plan-facts.ts";

const NOON_MS = Date.parse(MONDAY_NOON);

describe("the published days that are listed again", () => {
  test("are the last sessions whose flat file is due, over weekends and holidays", () => {
    expect(recheckFrom("indices", NOON_MS, 1)).toBe("2024-11-22");
    expect(recheckFrom("indices", NOON_MS, 7)).toBe("2024-11-14");
    expect(recheckFrom("crypto", NOON_MS, 7)).toBe("2024-11-18");
    expect(recheckFrom("stocks", Date.parse("2024-12-02T12:00:00-05:00"), 3)).toBe("2024-11-26");
  });

  test("end with the day before yesterday until 11:00 in New York", () => {
    const dueMs = Date.parse("2024-11-25T11:00:00-05:00");
    expect(recheckFrom("crypto", dueMs - 1, 1)).toBe("2024-11-23");
    expect(recheckFrom("crypto", dueMs, 1)).toBe("2024-11-24");
  });

  test("are none if none are asked for, and none before the vendor's history", () => {
    expect(recheckFrom("indices", NOON_MS, 0)).toBeNull();
    expect(recheckFrom("indices", NOON_MS, 20_000)).toBe("2023-02-14");
    expect(recheckFrom("indices", Date.parse("2020-01-01T00:00:00Z"), 7)).toBeNull();
  });
});

test("a run looks back to the first day that may have been published anew or is the API's", () => {
  expect(revisitFrom("2024-11-23", ["2024-11-14", null])).toBe("2024-11-14");
  expect(revisitFrom("2024-11-23", ["2024-11-14", "2024-05-06"])).toBe("2024-05-06");
  expect(revisitFrom("2024-01-02", ["2024-09-02"])).toBe("2024-01-02");
  expect(revisitFrom("2024-01-02", [])).toBe("2024-01-02");
});

function read(dates: readonly string[]): NonNullable<Given["batches"]> {
  return Object.fromEntries(dates.map((date) => [`I:SPX ${date}`, fromFile(date)]));
}

describe("the dates that the listing can tell something about", () => {
  const range = { from: "2024-11-19", to: "2024-11-25", revisitFrom: "2024-11-13" };
  const listed = (given: Partial<Given>, from: string | null) =>
    datesToList(factsOf({ symbols: ["SPX"], ...range, ...given }), "indices", from);

  test("are those asked for of which no flat file was read, today among them", () => {
    const batches = {
      ...read(["2024-11-14", "2024-11-19", "2024-11-20"]),
      "I:SPX 2024-11-15": fromApi("2024-11-16T12:00:00Z"),
      "I:SPX 2024-11-22": fromApi("2024-11-23T12:00:00Z"),
    };
    expect(listed({ batches }, null)).toEqual(["2024-11-15", "2024-11-21", "2024-11-22", "2024-11-25"]);
  });

  test("are those that are rechecked although they were read, before the range too", () => {
    const batches = read([
      "2024-11-14",
      "2024-11-15",
      "2024-11-19",
      "2024-11-20",
      "2024-11-21",
      "2024-11-22",
    ]);
    expect(listed({ batches }, "2024-11-15")).toEqual([
      "2024-11-15",
      "2024-11-19",
      "2024-11-20",
      "2024-11-21",
      "2024-11-22",
      "2024-11-25",
    ]);
    expect(listed({ batches, to: "2024-11-22" }, null)).toEqual([]);
  });

  test("of a whole dataset are those that were not read whole, and those that are rechecked", () => {
    const whole = { symbols: [], wholeDatasets: ["indices"] } as const;
    const allRead = ["2024-11-13", "2024-11-14", "2024-11-19", "2024-11-20"].map(
      (date) => `indices ${date} ${date} first`,
    );
    const rest = ["2024-11-21", "2024-11-22", "2024-11-25"];
    expect(listed({ ...whole, allRead }, null)).toEqual(rest);
    expect(listed({ ...whole, allRead }, "2024-11-14")).toEqual([
      "2024-11-14",
      "2024-11-19",
      "2024-11-20",
      ...rest,
    ]);
  });

  test("are no days that a symbol is known to be absent on", () => {
    const allRead = ["2024-11-19", "2024-11-20"].map((date) => `indices ${date} ${date} first`);
    expect(listed({ allRead, to: "2024-11-20" }, null)).toEqual([]);
    expect(listed({ allRead, to: "2024-11-20" }, "2024-11-20")).toEqual(["2024-11-20"]);
  });
});
