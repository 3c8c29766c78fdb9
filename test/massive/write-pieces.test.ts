import { expect, test } from "bun:test";
import type { FileHandle } from "node:fs/promises";
import { writePieces } from "../../src/massive/write-pieces.ts";

/** A file of which one write takes at most `most` bytes, as on a disk that is nearly full. */
function reluctantFile(most: number): { file: Pick<FileHandle, "writev">; content: Buffer } {
  const content = Buffer.alloc(20, ".");
  const file = {
    async writev<T extends readonly NodeJS.ArrayBufferView[]>(buffers: T, position?: number) {
      const bytes = Buffer.concat(
        buffers.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
      );
      const bytesWritten = bytes.copy(content, position, 0, most);
      return { bytesWritten, buffers };
    },
  };
  return { file, content };
}

test.each([1, 3, 4, 100])("writes all pieces, even if one write takes only %d bytes", async (most) => {
  const { file, content } = reluctantFile(most);
  await writePieces(
    file,
    ["one", "", "two", "three"].map((text) => Buffer.from(text)),
    5,
  );
  expect(content.toString()).toBe(".....onetwothree....");
});
