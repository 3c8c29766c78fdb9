import { createHash } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Content } from "../http/content.ts";

const LARGEST_IN_MEMORY_BYTES = 1 << 22;
const MEMORY_BYTES = 1 << 26;

/** A stored object's bytes and their MD5 in hexadecimal. */
export interface Stored {
  readonly content: Content;
  readonly md5: string;
}

/** Keeps objects: small ones in memory, up to 64 MiB of them, all others in a temporary directory. */
export class Spool {
  #directory: Promise<string> | undefined;
  #files = 0;
  #memoryBytes = 0;

  /** Compresses text and keeps it. Big texts never stand in memory as a whole. */
  async storeGzip(text: Iterable<Uint8Array>): Promise<Stored> {
    const sink = new SpoolSink(() => this.#newFile());
    try {
      await pipeline(text, createGzip({ level: 1, chunkSize: 1 << 18 }), async (pieces) => {
        for await (const piece of pieces) await sink.write(Buffer.from(piece));
      });
      if (sink.sizeBytes > MEMORY_BYTES - this.#memoryBytes) await sink.spill();
    } finally {
      await sink.close();
    }
    const stored = sink.stored();
    if (stored.content.kind === "bytes") this.#memoryBytes += sink.sizeBytes;
    return stored;
  }

  /** Removes the temporary directory, if there is one. */
  async remove(): Promise<void> {
    if (this.#directory !== undefined) await rm(await this.#directory, { recursive: true, force: true });
  }

  async #newFile(): Promise<string> {
    this.#directory ??= mkdtemp(join(tmpdir(), "massive-sandbox-"));
    // Taken before anything is waited for: two files that are begun at once must not share a name.
    const number = (this.#files += 1);
    return join(await this.#directory, `${number}.gz`);
  }
}

/** Gathers one object in memory and moves to a file when it grows large. */
class SpoolSink {
  readonly #md5 = createHash("md5");
  readonly #newFile: () => Promise<string>;
  #pieces: Uint8Array[] = [];
  #file: { readonly path: string; readonly handle: FileHandle } | undefined;
  sizeBytes = 0;

  constructor(newFile: () => Promise<string>) {
    this.#newFile = newFile;
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#md5.update(piece);
    this.sizeBytes += piece.length;
    if (this.#file === undefined) this.#pieces.push(piece);
    else await this.#file.handle.writeFile(piece);
    if (this.sizeBytes > LARGEST_IN_MEMORY_BYTES) await this.spill();
  }

  async spill(): Promise<void> {
    if (this.#file !== undefined) return;
    const path = await this.#newFile();
    this.#file = { path, handle: await open(path, "w") };
    for (const piece of this.#pieces) await this.#file.handle.writeFile(piece);
    this.#pieces = [];
  }

  async close(): Promise<void> {
    await this.#file?.handle.close();
  }

  stored(): Stored {
    const content: Content =
      this.#file === undefined
        ? { kind: "bytes", bytes: Buffer.concat(this.#pieces) }
        : { kind: "file", path: this.#file.path, startByte: 0, sizeBytes: this.sizeBytes };
    return { content, md5: this.#md5.digest("hex") };
  }
}
