import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline, type Readable, type TransformOptions } from "node:stream";
import { createGunzip, type ZlibOptions } from "node:zlib";
import { BackfillError, errorText } from "../core/errors.ts";
import { formatBytes } from "../core/format.ts";

const READ_BYTES = 1 << 18;
/** Larger than what is read, since text is: fewer and longer chunks to search. */
const TEXT_BYTES = 1 << 20;
/** Text that waits for the reader, and packed bytes that wait to be unpacked: neither side stands still for the other. */
const AHEAD_BYTES = 4 << 20;
const PACKED_AHEAD_BYTES = 1 << 20;
const GUNZIP_OPTIONS: ZlibOptions & TransformOptions = {
  chunkSize: TEXT_BYTES,
  readableHighWaterMark: AHEAD_BYTES,
  writableHighWaterMark: PACKED_AHEAD_BYTES,
};
/**
 * A day of bars unpacks to some six times its size, and the largest (options) to some gigabytes. A file made to fill memory
 * or time unpacks to a thousand times its size, which is the most that gzip can.
 */
const MAX_UNPACKED_RATIO = 100;
const MAX_UNPACKED_BYTES = 100e9;
/** Below that, nobody is harmed by whatever it unpacks to. */
const HARMLESS_BYTES = 64e6;
const GZIP_MAGIC = [0x1f, 0x8b];

export interface ReadingOptions {
  readonly signal?: AbortSignal;
  /** Is shown the bytes as they are on disk, on their way to the reader: those of a gzip file up to its stream's end. */
  readonly onRaw?: (bytes: Uint8Array) => void;
}

/**
 * The bytes of a file in chunks, as they are on disk.
 * @throws BackfillError (data) if the file cannot be opened; the reason of `signal` if that is aborted.
 */
export async function* rawBytes(
  path: string,
  { signal, onRaw }: ReadingOptions = {},
): AsyncGenerator<Uint8Array> {
  for await (const bytes of chunksOf(fileStream(path), path, signal)) {
    onRaw?.(bytes);
    yield bytes;
  }
}

/**
 * The text bytes of a file in chunks: decompressed if it is gzip, which its content tells, not its name. Memory
 * is bounded by the chunk, and decompression runs beside the reader on another thread.
 * @throws BackfillError (data) if the file cannot be opened, or its gzip stream is cut, corrupt or unpacks to far more than
 * any day of bars; the reason of
 * `signal` if that is aborted.
 */
export async function* textBytes(path: string, options: ReadingOptions = {}): AsyncGenerator<Uint8Array> {
  const { signal, onRaw } = options;
  if (!(await isGzip(path))) {
    yield* rawBytes(path, options);
    return;
  }
  const { sizeBytes } = await fileFacts(path);
  const gunzip = createGunzip(GUNZIP_OPTIONS);
  const file = fileStream(path);
  if (onRaw !== undefined) file.on("data", (chunk) => onRaw(bytesOf(chunk)));
  // An error of either ends both, and comes out of the loop that reads the last.
  pipeline(file, gunzip, () => {});
  const mostBytes = Math.min(MAX_UNPACKED_BYTES, Math.max(HARMLESS_BYTES, sizeBytes * MAX_UNPACKED_RATIO));
  let unpackedBytes = 0;
  for await (const chunk of chunksOf(gunzip, path, signal)) {
    unpackedBytes += chunk.length;
    if (unpackedBytes > mostBytes) throw bomb(path, sizeBytes, mostBytes);
    yield chunk;
  }
}

function bomb(path: string, sizeBytes: number, mostBytes: number): BackfillError {
  return new BackfillError({
    kind: "data",
    code: "gzip-bomb",
    operation: `read ${path}`,
    reason: `its ${formatBytes(sizeBytes)} unpack to more than ${formatBytes(mostBytes)}, which no day of bars does`,
    nextStep: "Nothing of it was kept. Get the file again, and check who serves it (MASSIVE_S3_ENDPOINT).",
  });
}

function fileStream(path: string): Readable {
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

async function* chunksOf(
  source: Readable,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      yield bytesOf(chunk);
    }
  } catch (error) {
    throw explain(error, path);
  }
}

/**
 * Size of a file, and when it was last changed, epoch ms.
 * @throws BackfillError (data) if there is no such file.
 */
export async function fileFacts(path: string): Promise<{ sizeBytes: number; modifiedMs: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { sizeBytes: size, modifiedMs: Math.round(mtimeMs) };
  } catch (error) {
    throw explain(error, path);
  }
}

async function isGzip(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
      return bytesRead === 2 && buffer[0] === GZIP_MAGIC[0] && buffer[1] === GZIP_MAGIC[1];
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explain(error, path);
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("a byte stream yielded something else");
}

const OPEN_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};

function explain(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const operation = `read ${path}`;
  if (code.startsWith("Z_"))
    return new BackfillError({
      kind: "data",
      code: "bad-gzip",
      operation,
      reason: `the gzip file is cut or corrupt (${errorText(error)})`,
      nextStep:
        "Nothing of it was kept. Get the file again: without it, `hybrid` and `download` fetch it anew.",
      cause: error,
    });
  if (!(error instanceof Error && "syscall" in error)) return error;
  const reason = OPEN_ERRORS[code] ?? errorText(error);
  return new BackfillError({
    kind: "data",
    code,
    operation,
    reason,
    nextStep: "Check the path.",
    cause: error,
  });
}
