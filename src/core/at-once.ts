/**
 * Does `work` for each of `items`, for up to `atOnce` of them side by side. After a failure nothing more is begun;
 * what is under way comes to its end before the failure is thrown.
 */
export async function forEachAtOnce<T>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const begin = (item: T) => {
    const done = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(done));
    underWay.add(done);
  };
  try {
    for await (const item of items) {
      if (failures.length === 0) begin(item);
      if (underWay.size >= atOnce) await Promise.race(underWay);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * As `forEachAtOnce`, in two steps: what `bring` fetches for up to `atOnce` items side by side, `use` gets one at a time
 * and in the order of the items, so that what comes of it does not depend on which answer was quickest.
 */
export async function forEachInOrder<T, B>(
  items: Iterable<T>,
  atOnce: number,
  bring: (item: T) => Promise<B>,
  use: (brought: B, item: T) => Promise<void>,
): Promise<void> {
  let last = Promise.resolve();
  await forEachAtOnce(items, atOnce, async (item) => {
    const [before, done] = [last, Promise.withResolvers<void>()];
    last = done.promise;
    try {
      const brought = await bring(item);
      await before;
      await use(brought, item);
    } finally {
      done.resolve();
    }
  });
}
