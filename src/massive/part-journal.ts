import { open, readFile } from "node:fs/promises";
import type { FlatFile } from "../core/flat-file.ts";
import type { ByteRange } from "./byte-ranges.ts";
import { codeOf } from "./network-errors.ts";
import { memberOf } from "./unknown-json.ts";

/** Which bytes of an unfinished file are on the disk. */
export interface PartJournal {
  /** Notes that the bytes of `range` are written. */
  add(range: ByteRange): Promise<void>;
  close(): Promise<void>;
}

/** What a journal is about: this version of this object. */
type Version = Pick<FlatFile, "key" | "etag" | "sizeBytes">;

/**
 * Begins a journal, or goes on with the one that is there. It is a file of lines, one JSON value each: first the
 * version, then `[start,end]` of every finished range, as they come.
 */
export async function openPartJournal(path: string, version: Version, goesOn: boolean): Promise<PartJournal> {
  const file = await open(path, goesOn ? "a" : "w");
  const { key, etag, sizeBytes } = version;
  // A kill may have cut the last line: what follows must not become a part of it.
  await file.appendFile(goesOn ? "\n" : `${JSON.stringify({ key, etag, sizeBytes })}\n`);
  return {
    add: ({ start, end }) => file.appendFile(`[${start},${end}]\n`),
    close: () => file.close(),
  };
}

/**
 * The ranges that a journal says are finished, in its order; none if there is no journal, if it is about another
 * version, or if it cannot be read. Lines that a kill or a full disk has cut are left out.
 */
export async function readPartJournal(path: string, version: Version): Promise<ByteRange[]> {
  const lines = (await textOf(path)).split("\n").slice(0, -1);
  if (!isAbout(valueOf(lines.shift() ?? ""), version)) return [];
  return lines.flatMap((line) => rangeOf(valueOf(line), version.sizeBytes) ?? []);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // Without a journal the file is fetched from its start; if the folder itself is bad, writing to it says so.
    if (codeOf(error) !== null) return "";
    throw error;
  }
}

function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isAbout(header: unknown, { key, etag, sizeBytes }: Version): boolean {
  return (
    memberOf(header, "key") === key &&
    memberOf(header, "etag") === etag &&
    memberOf(header, "sizeBytes") === sizeBytes
  );
}

function rangeOf(value: unknown, sizeBytes: number): ByteRange | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [start, end]: unknown[] = value;
  if (!isOffset(start) || !isOffset(end) || start >= end || end > sizeBytes) return undefined;
  return { start, end };
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
