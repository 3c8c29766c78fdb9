import { expect, test } from "bun:test";
import { forEachAtOnce, forEachInOrder } from "../../src/core/at-once.ts";
import { reasonOf } from "../massive/support.ts";

async function* numbers(count: number, taken: number[] = []): AsyncGenerator<number> {
  for (let number = 1; number <= count; number++) {
    taken.push(number);
    yield number;
  }
}

async function* broken(): AsyncGenerator<number> {
  yield 1;
  throw new Error("the source broke");
}

/** Work that ends when it is told to. */
function heldWork() {
  const held = new Map<number, PromiseWithResolvers<void>>();
  const begun: number[] = [];
  const work = (item: number) => {
    begun.push(item);
    const end = Promise.withResolvers<void>();
    held.set(item, end);
    return end.promise;
  };
  return {
    begun,
    work,
    end: (item: number) => held.get(item)?.resolve(),
    fail: (item: number, error: Error) => held.get(item)?.reject(error),
  };
}

/** Lets everything that can go on go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("does the work for every item, in their order", async () => {
  const done: number[] = [];
  await forEachAtOnce(numbers(5), 2, async (item) => void done.push(item));
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test("begins no more than so many at once, and the next as soon as one has ended", async () => {
  const { begun, work, end } = heldWork();
  const taken: number[] = [];
  const all = forEachAtOnce(numbers(4, taken), 2, work);
  await settled();
  expect({ begun, taken }).toEqual({ begun: [1, 2], taken: [1, 2] });
  end(2);
  await settled();
  expect({ begun, taken }).toEqual({ begun: [1, 2, 3], taken: [1, 2, 3] });
  end(1);
  await settled();
  end(3);
  end(4);
  await all;
  expect(begun).toEqual([1, 2, 3, 4]);
});

test("after a failure begins nothing more, and throws it when the others have ended", async () => {
  const { begun, work, end, fail } = heldWork();
  let over = false;
  const all = reasonOf(forEachAtOnce(numbers(4), 2, work)).finally(() => (over = true));
  await settled();
  fail(1, new Error("no room"));
  await settled();
  expect({ begun, over }).toEqual({ begun: [1, 2], over: false });
  end(2);
  expect(await all).toEqual(new Error("no room"));
  expect(begun).toEqual([1, 2]);
});

test("throws what the source throws, when the work under way has ended", async () => {
  const { work, end } = heldWork();
  let over = false;
  const all = reasonOf(forEachAtOnce(broken(), 2, work)).finally(() => (over = true));
  await settled();
  expect(over).toBe(false);
  end(1);
  expect(await all).toEqual(new Error("the source broke"));
});

test("uses what was brought in the order of the items, whichever came first", async () => {
  const { begun, work, end } = heldWork();
  const used: [number, number][] = [];
  const done = forEachInOrder(
    [1, 2, 3],
    2,
    async (item) => {
      await work(item);
      return item * 10;
    },
    async (brought, item) => void used.push([brought, item]),
  );
  await settled();
  end(2);
  await settled();
  expect([begun, used]).toEqual([[1, 2], []]);
  end(1);
  await settled();
  expect([begun, used]).toEqual([
    [1, 2, 3],
    [
      [10, 1],
      [20, 2],
    ],
  ]);
  end(3);
  await done;
  expect(used.at(-1)).toEqual([30, 3]);
});

test("waits for no item that could not be brought", async () => {
  const { work, end, fail } = heldWork();
  const used: number[] = [];
  const done = forEachInOrder([1, 2], 2, work, async (_, item) => void used.push(item));
  await settled();
  fail(1, new Error("not brought"));
  end(2);
  expect(await reasonOf(done)).toEqual(new Error("not brought"));
  expect(used).toEqual([2]);
});
