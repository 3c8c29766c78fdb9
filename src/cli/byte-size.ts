const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Bytes of a text such as `10MB`, `1.5 GB` or `2MiB`; NaN for any other. The B must be a capital: `Mb` means bits. */
export function bytesOf(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,9})?) ?([kKmMgGtT]?i?)B$/.exec(text);
  return Number(match?.[1]) * (UNIT_BYTES[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN);
}
