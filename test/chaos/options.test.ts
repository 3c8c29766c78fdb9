import { expect, test } from "bun:test";
import { chaosOptions } from "./options.ts";

test("the options of a chaos run are read from its command line", () => {
  expect(chaosOptions([], 1_234_567_890)).toEqual({ kills: 200, seed: 567_890 });
  expect(chaosOptions(["--kills=20", "--seed", "7"], 0)).toEqual({ kills: 20, seed: 7 });
});

test.each([["--kills=0"], ["--kills=many"], ["--seed=-1"], ["--wibble"]])("%s is refused", (argument) => {
  expect(() => chaosOptions([argument], 0)).toThrow();
});
