import { closeSync, openSync, readSync } from "node:fs";
import type { ByteRange } from "./objects.ts";

const CHUNK_BYTES = 64 << 10;

/**
 * A range of a file at a steady rate: no byte comes earlier than it would over a line of `bytesPerSecond`. Since
 * requests of one connection follow each other, that is the rate of the connection.
 */
export function pacedBody(
  path: string,
  { start, end }: ByteRange,
  bytesPerSecond: number,
): ReadableStream<Uint8Array> {
  const startedMs = performance.now();
  const file = openSync(path, "r");
  let position = start;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = new Uint8Array(Math.min(CHUNK_BYTES, end - position));
        readSync(file, bytes, 0, bytes.length, position);
        position += bytes.length;
        const dueMs = startedMs + ((position - start) / bytesPerSecond) * 1000;
        await Bun.sleep(Math.max(0, dueMs - performance.now()));
        controller.enqueue(bytes);
        if (position < end) return;
        closeSync(file);
        controller.close();
      },
      cancel: () => closeSync(file),
    },
    { highWaterMark: 0 },
  );
}
