/** PostgreSQL cuts longer names off (NAMEDATALEN - 1), so two long names could mean one table. */
const MAX_NAME_BYTES = 63;

const PLAIN_NAME = /^[a-z_][a-z0-9_$]*$/;
const UNQUOTED_NAME = /^[a-zA-Z_\u0080-\uffff][a-zA-Z0-9_$\u0080-\uffff]*$/;
const NAME_PART = /"(?:[^"]|"")*"|[^".]*/y;

/** `name` as an SQL identifier, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `name` as people write it: quoted only where PostgreSQL needs it. */
export function displayName(name: string): string {
  return PLAIN_NAME.test(name) ? name : quoteName(name);
}

/**
 * The parts of a dotted name, read as PostgreSQL reads it: `Market.Bars` is market and bars, `"a.b"."C"` is
 * a.b and C. Null if it is not such a name.
 */
export function parseDottedName(text: string): string[] | null {
  const parts: string[] = [];
  let position = 0;
  for (;;) {
    NAME_PART.lastIndex = position;
    const part = NAME_PART.exec(text)?.[0] ?? "";
    const name = parseName(part);
    if (name === null) return null;
    parts.push(name);
    position += part.length;
    if (position === text.length) return parts;
    if (text[position] !== ".") return null;
    position += 1;
  }
}

function parseName(part: string): string | null {
  const name = part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : foldCase(part);
  if (name === null || name === "" || name.includes("\0")) return null;
  return Buffer.byteLength(name) > MAX_NAME_BYTES ? null : name;
}

/** An unquoted name: only ASCII letters are folded, as PostgreSQL does in a UTF-8 database. */
function foldCase(part: string): string | null {
  if (!UNQUOTED_NAME.test(part)) return null;
  return part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
