import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { BackfillError } from "../core/errors.ts";
import { formatBytes } from "../core/format.ts";
import { FILES_READ_AT_ONCE, mayBegin } from "./fetch-window.ts";
import { flatFilesFolder } from "./local-files.ts";
import type { FileTransfer, Transfer } from "./transfer.ts";

/** Room for what a run writes besides flat files: bars of some symbols, SQLite's log. */
export const RESERVE_BYTES = 64_000_000;

/** Bars of every ticker of a file take at least so many times the room of the file itself. */
const CACHE_PER_FILE_BYTE = 3;

export interface RoomNeeded {
  readonly dataDir: string;
  /** Null if the file system does not say. */
  readonly freeBytes: number | null;
  readonly transfer: Transfer;
  readonly connections: number;
  readonly keepFiles: boolean;
}

/**
 * Makes sure that the disk can take a download and what is read from it.
 * @throws BackfillError (cache, `disk-full`) that says what is needed and what is there.
 */
export function assertRoom(room: RoomNeeded): void {
  const { dataDir, freeBytes, transfer, keepFiles } = room;
  const fileBytes = peakBytes(transfer.files, room.connections, keepFiles);
  const cacheBytes = RESERVE_BYTES + CACHE_PER_FILE_BYTE * transfer.wholeBytes;
  const neededBytes = fileBytes + cacheBytes;
  if (freeBytes === null || freeBytes >= neededBytes) return;
  const choices = ["free some space"];
  const withoutKeeping = peakBytes(transfer.files, room.connections, false) + cacheBytes;
  if (keepFiles && withoutKeeping <= freeBytes) choices.push("run hybrid with --no-keep");
  if (transfer.files.length > 1) choices.push("ask for fewer days");
  throw new BackfillError({
    kind: "cache",
    code: "disk-full",
    operation: `download to ${dataDir}`,
    reason: `the disk has ${formatBytes(freeBytes)} free, and about ${formatBytes(neededBytes)} are needed (${formatBytes(fileBytes)} for flat files, ${formatBytes(cacheBytes)} for the cache); nothing was fetched`,
    nextStep: `${sentence(choices)}, or choose a --data-dir on another disk.`,
  });
}

function sentence(choices: readonly string[]): string {
  const text = choices.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * By how much the flat files grow at most while a download goes on. Of files that are deleted once they are read,
 * only those that are being read or were begun ahead of them count; files that are kept add up, less the older
 * versions whose place they take.
 */
function peakBytes(files: readonly FileTransfer[], connections: number, keepFiles: boolean): number {
  let peak = 0;
  let settled = 0;
  for (const index of files.keys()) {
    peak = Math.max(peak, settled + bytesUnderWay(files, index, connections));
    const left = files[index - FILES_READ_AT_ONCE];
    if (left === undefined) continue;
    const gone = left.replacedBytes + (keepFiles ? 0 : left.sizeBytes);
    settled += left.sizeBytes - left.resumedBytes - gone;
  }
  return peak;
}

/** What the files add that are there when `next` is the next to be read: those being read, and those ahead. */
function bytesUnderWay(files: readonly FileTransfer[], next: number, connections: number): number {
  let added = 0;
  const ahead = { files: 0, bytes: 0 };
  for (let index = Math.max(0, next - FILES_READ_AT_ONCE); index < files.length; index++) {
    const file = files[index];
    if (file === undefined) break;
    if (index >= next) {
      if (!mayBegin(ahead, file.sizeBytes, connections)) break;
      ahead.files++;
      ahead.bytes += file.sizeBytes;
    }
    added += file.sizeBytes - file.resumedBytes;
  }
  return added;
}

/** Free bytes for the flat files of a data directory; null if its file system does not say. */
export async function freeBytesOf(dataDir: string): Promise<number | null> {
  const folder = flatFilesFolder(dataDir);
  // The folder may be a link to another disk.
  const { bavail, bsize, blocks } = await statfs(existsSync(folder) ? folder : dataDir);
  return blocks === 0 ? null : bavail * bsize;
}
