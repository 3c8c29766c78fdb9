import { zipSync } from "fflate";

/** The earliest moment that a zip can tell; read as local time, as it is written. */
const NO_TIME = new Date(1980, 0, 1);

/** A zip archive of text files, by name; the same texts give the same bytes, whenever and wherever it is made. */
export function zipBytes(texts: ReadonlyMap<string, string>): Uint8Array {
  const encoder = new TextEncoder();
  const files = Object.fromEntries([...texts].map(([name, text]) => [name, encoder.encode(text)]));
  return zipSync(files, { level: 6, mtime: NO_TIME });
}
