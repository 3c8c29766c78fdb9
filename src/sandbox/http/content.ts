import { open } from "node:fs/promises";

/** Bytes of an answer: in memory, or a stretch of a file. */
export type Content =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string; readonly startByte: number; readonly sizeBytes: number };

const PIECE_BYTES = 1 << 18;

export const NO_CONTENT: Content = { kind: "bytes", bytes: new Uint8Array(0) };

/** Text as content, UTF-8. */
export function textContent(text: string): Content {
  return { kind: "bytes", bytes: Buffer.from(text) };
}

export function contentSizeBytes(content: Content): number {
  return content.kind === "bytes" ? content.bytes.length : content.sizeBytes;
}

/** The `sizeBytes` bytes of `content` from `startByte` on, without copying. */
export function sliceOf(content: Content, startByte: number, sizeBytes: number): Content {
  return content.kind === "bytes"
    ? { kind: "bytes", bytes: content.bytes.subarray(startByte, startByte + sizeBytes) }
    : { ...content, startByte: content.startByte + startByte, sizeBytes };
}

/** The content in pieces of at most 256 KiB: larger ones are slow to write and fill memory. */
export async function* piecesOf(content: Content): AsyncGenerator<Uint8Array> {
  if (content.kind === "bytes") {
    for (let start = 0; start < content.bytes.length; start += PIECE_BYTES)
      yield content.bytes.subarray(start, start + PIECE_BYTES);
    return;
  }
  const file = await open(content.path);
  try {
    for (let done = 0; done < content.sizeBytes;) {
      const buffer = new Uint8Array(Math.min(PIECE_BYTES, content.sizeBytes - done));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, content.startByte + done);
      if (bytesRead === 0) throw new Error(`the sandbox's file ${content.path} is shorter than it was`);
      yield buffer.subarray(0, bytesRead);
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** All of the content in memory. */
export async function bytesOf(content: Content): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(content)) pieces.push(piece);
  return Buffer.concat(pieces);
}
