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
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = new Uint8Array(Math.min(CHUNK_BYTES, end - position));
        readSync(file, bytes, 0, bytes.length, position);
        position += bytes.length;
        const dueMs = startedMs + ((position - start) / bytesPerSecond) * 1000;
        await Bun.sleep(Math.max(0, dueMs - performance.now()));
        // Who asked may have gone away in the meantime.
        if (!isOpen) return;
        controller.enqueue(bytes);
        if (position < end) return;
        close();
        controller.close();
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
