/** A run of bytes of an object; `end` is the first byte after it. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/** Divides an object of `sizeBytes` into segments of `segmentBytes`; the last is what remains. */
export function segmentsOf(sizeBytes: number, segmentBytes: number): Segment[] {
  const segments: Segment[] = [];
  for (let start = 0; start < sizeBytes; start += segmentBytes)
    segments.push({ start, end: Math.min(start + segmentBytes, sizeBytes) });
  return segments;
}
