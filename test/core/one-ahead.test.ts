import { expect, test } from "bun:test";
import { oneAhead } from "../../src/core/one-ahead.ts";

/** Counts up, and keeps what was made and whether it was ended. */
function source(count: number, failAt = Infinity) {
  const made: number[] = [];
  let ended = false;
  async function* numbers(): AsyncGenerator<number, void> {
    try {
      for (let number = 1; number <= count; number++) {
        await Promise.resolve();
        if (number === failAt) throw new Error(`no ${number}`);
        made.push(number);
        yield number;
      }
    } finally {
      ended = true;
    }
  }
  return { made, numbers, isEnded: () => ended };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("items come in their order, and while one is used the next one is made, and no more", async () => {
  const { made, numbers, isEnded } = source(3);
  const seen: string[] = [];
  for await (const number of oneAhead(numbers())) {
    await turns();
    seen.push(`${number} of ${made.length}`);
  }
  expect(seen).toEqual(["1 of 2", "2 of 3", "3 of 3"]);
  expect(isEnded()).toBe(true);
});

test("none come from a source that has none", async () => {
  expect(await Array.fromAsync(oneAhead(source(0).numbers()))).toEqual([]);
});

test("a failure of the source comes in its place, although it was made earlier", async () => {
  const seen: unknown[] = [];
  const { numbers } = source(3, 2);
  try {
    for await (const number of oneAhead(numbers())) {
      await turns();
      seen.push(number);
    }
  } catch (error) {
    seen.push(error);
  }
  expect(seen).toEqual([1, new Error("no 2")]);
});

test("whoever stops early ends the source, and hears nothing of the next item's failure", async () => {
  const { made, numbers, isEnded } = source(5, 2);
  for await (const number of oneAhead(numbers())) if (number === 1) break;
  expect([made, isEnded()]).toEqual([[1], true]);
});
