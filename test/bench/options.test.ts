import { expect, test } from "bun:test";
import { casesNamed, CASES } from "./cases/all.ts";
import { commandOf, readOptions } from "./options.ts";

test("without arguments all cases run five times", () => {
  expect(readOptions([])).toEqual({ names: [], runs: 5, json: null, save: false, smoke: false });
});

test("names, runs and a file can be given", () => {
  expect(readOptions(["filter", "--runs=3", "--json=out.json", "download"])).toEqual({
    names: ["filter", "download"],
    runs: 3,
    json: "out.json",
    save: false,
    smoke: false,
  });
});

test("a smoke run is one run", () => {
  expect(readOptions(["--smoke"]).runs).toBe(1);
});

test.each([["--runs=0"], ["--runs=many"], ["--runs=1.5"], ["--fast"]])("%s is refused", (argument) => {
  expect(() => readOptions([argument])).toThrow(argument.split("=")[0] ?? "");
});

test("only a whole run can be saved", () => {
  for (const other of ["filter", "--smoke"]) expect(() => readOptions(["--save", other])).toThrow("--save");
});

function namesOf(names: readonly string[]): string[] {
  return casesNamed(names).map((one) => one.name);
}

test("a name stands for its case and for those that are kinds of it", () => {
  expect(namesOf([])).toEqual(CASES.map((one) => one.name));
  expect(namesOf(["status", "download"])).toEqual(["download", "download-loopback", "status", "status-many"]);
  expect(namesOf(["filter-many"])).toEqual(["filter-many"]);
});

test("an unknown case is refused with those there are", () => {
  expect(() => casesNamed(["parse"])).toThrow(/no case "parse", but filter, filter-many, days/);
});

test.each([
  [["--save", "--json=here.json"], "bun run bench"],
  [["filter", "--runs=3"], "bun run bench filter --runs=3"],
  [["--smoke"], "bun run bench --smoke"],
])("%j is measured again by `%s`", (args, command) => {
  expect(commandOf(readOptions(args))).toBe(command);
});
