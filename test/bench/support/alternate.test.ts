import { expect, test } from "bun:test";
import { alternate } from "./alternate.ts";

const quiet = { say() {} };

function counting(name: string, figures: readonly number[], log: string[]) {
  let run = 0;
  return async () => {
    log.push(name);
    return { [name]: figures[run++] ?? Number.NaN };
  };
}

test("contestants run in turn, and the warm-up does not count", async () => {
  const log: string[] = [];
  const [a, b] = [counting("A", [99, 1, 5], log), counting("B", [99, 2, 2], log)];
  const result = await alternate(quiet, [a, b], { unit: "s", runs: 2, warmUp: true });
  expect(log).toEqual(["A", "B", "A", "B", "A", "B"]);
  expect(result.all).toEqual([
    { name: "A", unit: "s", median: 3, samples: [1, 5] },
    { name: "B", unit: "s", median: 2, samples: [2, 2] },
  ]);
  expect(result.ratio("A", "B")).toBe(1.5);
});

test("without a warm-up every round counts", async () => {
  const result = await alternate(quiet, [counting("A", [7], [])], { unit: "ms", runs: 1, warmUp: false });
  expect(result.all).toEqual([{ name: "A", unit: "ms", median: 7, samples: [7] }]);
});

async function queryAndProcess() {
  return { query: 1, process: 2 };
}

test("one run can bring several figures", async () => {
  const result = await alternate(quiet, [queryAndProcess], { unit: "s", runs: 1, warmUp: false });
  expect([result.median("query"), result.median("process")]).toEqual([1, 2]);
});

test("a name that nobody has measured is an error, not a figure", async () => {
  const result = await alternate(quiet, [counting("A", [1], [])], { unit: "s", runs: 1, warmUp: false });
  expect(() => result.ratio("A", "B")).toThrow('nothing was measured as "B"');
});
