/** A run of bytes of an object; `end` is the first byte after it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** How many bytes ranges that do not overlap hold in all. */
export function bytesIn(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The same bytes as ranges in order, none of which touches another. */
export function joined(ranges: readonly ByteRange[]): ByteRange[] {
  const result: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || range.start > last.end) result.push(range);
    else result.splice(-1, 1, { start: last.start, end: Math.max(last.end, range.end) });
  }
  return result;
}

/** What an object of `sizeBytes` lacks beside `present`, in order. */
export function missingFrom(present: readonly ByteRange[], sizeBytes: number): ByteRange[] {
  const missing: ByteRange[] = [];
  let position = 0;
  for (const { start, end } of joined(present)) {
    if (start > position) missing.push({ start: position, end: start });
    position = end;
  }
  if (position < sizeBytes) missing.push({ start: position, end: sizeBytes });
  return missing;
}

/** The same bytes in ranges of at most `mostBytes`. */
export function cut(ranges: readonly ByteRange[], mostBytes: number): ByteRange[] {
  return ranges.flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / mostBytes) }, (_, index) => {
      const from = start + index * mostBytes;
      return { start: from, end: Math.min(from + mostBytes, end) };
    }),
  );
}
