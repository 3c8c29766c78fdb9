import { createHash } from "node:crypto";

/** The MD5 of a file's bytes, made as they pass. */
export class FileSum {
  readonly #hash = createHash("md5");
  #bytes = 0;

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  /** Whether as many bytes passed as the file has: what follows the end of a gzip stream is not always read. */
  covers({ sizeBytes }: { readonly sizeBytes: number }): boolean {
    return this.#bytes === sizeBytes;
  }

  /** In hex. */
  md5(): string {
    return this.#hash.digest("hex");
  }
}
