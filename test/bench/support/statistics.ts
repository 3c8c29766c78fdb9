/**
 * The middle of `samples`: of an even number the mean of the two in the middle.
 * @throws RangeError for none at all.
 */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError("no samples, no median");
  return (low + high) / 2;
}
