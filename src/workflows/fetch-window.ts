import { availableParallelism } from "node:os";

/** Each file is unpacked on a core of its own; reading more of them at once would only take memory. */
export const FILES_READ_AT_ONCE = Math.max(2, Math.min(3, availableParallelism()));

/** Files that are under way or wait to be read, and their bytes. */
export interface FilesAhead {
  readonly files: number;
  readonly bytes: number;
}

/** So many files are brought ahead of the one that is read, whatever their size: the next ones wait on disk. */
const FILES_AHEAD = 8;

/** Of small files more are under way, until every connection has something to fetch. */
const BYTES_PER_CONNECTION = 8 << 20;

/** Whether one more file may be begun, so that connections have work and the disk is not filled ahead of need. */
export function mayBegin(ahead: FilesAhead, sizeBytes: number, connections: number): boolean {
  if (ahead.files < FILES_AHEAD) return true;
  return ahead.files < connections && ahead.bytes + sizeBytes <= connections * BYTES_PER_CONNECTION;
}
