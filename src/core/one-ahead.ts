/**
 * The items of `source`, of which the next one is always being made while the present one is used. A failure of
 * `source` comes when its item is asked for; whoever stops early leaves nothing running behind.
 */
export async function* oneAhead<T>(source: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  let next = begin(source);
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = begin(source);
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await source.return();
  }
}

function begin<T>(source: AsyncGenerator<T, void>): Promise<IteratorResult<T, void>> {
  const next = source.next();
  // It may fail before anybody asks for it.
  next.catch(() => {});
  return next;
}
