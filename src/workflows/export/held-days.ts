/** Dates (days since 1970-01-01) as text: the first of them, and a bit for each day from there on, in base64. */
export function daysText(epochDays: readonly number[]): string {
  const [first, last] = [epochDays[0], epochDays.at(-1)];
  if (first === undefined || last === undefined) return "";
  const bits = Buffer.alloc(((last - first) >> 3) + 1);
  for (const day of epochDays) {
    const at = day - first;
    bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return `${first}:${bits.toString("base64")}`;
}

/** The dates of such a text, ascending; null if it is none. */
export function daysOfText(text: string): number[] | null {
  if (text === "") return [];
  const [, first, bits] = /^(\d{1,7}):([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (first === undefined || bits === undefined) return null;
  const days: number[] = [];
  for (const [index, byte] of Buffer.from(bits, "base64").entries())
    for (let bit = 0; bit < 8; bit++)
      if ((byte & (1 << bit)) !== 0) days.push(Number(first) + index * 8 + bit);
  return days;
}
