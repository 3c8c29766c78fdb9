/**
 * Parts of a line one after the other, as lines of at most `columns`: a part that does not fit begins the next line, and
 * one that is longer than a line is broken between words.
 */
export function flow(parts: readonly string[], between: string, columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : `${last}${between}${part}`;
    if (Bun.stringWidth(joined) <= columns) lines.splice(-1, 1, joined);
    else lines.push(...broken(part, columns));
  }
  return lines;
}

/** What is longer than a line goes on in the next, as far in as it began. */
function broken(part: string, columns: number): string[] {
  if (Bun.stringWidth(part) <= columns) return [part];
  const indent = part.slice(0, part.length - part.trimStart().length);
  const words = Bun.wrapAnsi(part.trim(), Math.max(1, columns - indent.length), { hard: true });
  return words.split("\n").map((line) => `${indent}${line.trimEnd()}`);
}
