/**
 * The value of a partition as a part of a path, percent-encoded as Hive does it (FileUtils.escapePathName) and as DuckDB,
 * Spark, Trino and Arrow decode it. More is encoded than they do: small letters, since a disk that does not tell `BACpA` from
 * `BACPA` would make them one folder; and a dot at the end, which Windows drops. What is left can be no step out of the
 * folder, and two values have the same text on no disk.
 */
export function hiveValue(value: string): string {
  const encoded = [...new TextEncoder().encode(value)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Z0-9._-]/.test(character) ? character : percent(byte);
  });
  return encoded.join("").replace(/\.$/, percent(".".charCodeAt(0)));
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
