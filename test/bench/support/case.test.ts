import { expect, test } from "bun:test";
import { atLeast, atMost } from "./case.ts";

const promised = { what: "time", value: 2, unit: "s", whyMissed: "it is cold" } as const;
const figure = { what: "time", value: 2, unit: "s" } as const;

test("a figure on its target has reached it", () => {
  expect(atMost({ judged: true }, 2, promised)).toEqual({
    ...figure,
    bound: "≤",
    target: 2,
    reached: true,
    note: null,
  });
  expect(atLeast({ judged: true }, 2, promised).reached).toBe(true);
});

test("a missed target says why", () => {
  expect(atMost({ judged: true }, 1.9, promised)).toEqual({
    ...figure,
    bound: "≤",
    target: 1.9,
    reached: false,
    note: "it is cold",
  });
  expect(atLeast({ judged: true }, 2.1, promised)).toEqual({
    ...figure,
    bound: "≥",
    target: 2.1,
    reached: false,
    note: "it is cold",
  });
});

test("a run that is too small judges nothing", () => {
  expect(atMost({ judged: false }, 1, promised)).toEqual({
    ...figure,
    bound: "≤",
    target: 1,
    reached: null,
    note: null,
  });
});
