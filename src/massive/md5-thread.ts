import { Worker } from "node:worker_threads";
import { md5OfFile, type Md5Answer } from "./md5-of-file.ts";

/** Below this, starting a thread takes longer than the sum. */
const SMALL_BYTES = 4 << 20;

/** Computes the MD5 of files aside: at full speed it costs as much time as all the rest of a download. */
export class Md5Thread {
  #worker: Worker | undefined;
  /** In the order in which they were asked, which is that of the answers. */
  readonly #asked: PromiseWithResolvers<string>[] = [];

  /** MD5 of a file's bytes, hex; rejects with the system's error if it cannot be read. */
  async md5Of(path: string, sizeBytes: number): Promise<string> {
    if (sizeBytes < SMALL_BYTES) return md5OfFile(path);
    this.#worker ??= this.#start();
    const asked = Promise.withResolvers<string>();
    this.#asked.push(asked);
    this.#worker.postMessage(path, []);
    return asked.promise;
  }

  /** Ends the thread; what it had not answered is rejected. */
  close(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    // The way over the parent folder is right in src and in the compiled binary, whose shared parts lie in one folder.
    const worker = new Worker(new URL("../massive/md5-worker.ts", import.meta.url));
    worker.on("message", (answer: Md5Answer) => {
      const asked = this.#asked.shift();
      if ("md5" in answer) asked?.resolve(answer.md5);
      else asked?.reject(Object.assign(new Error(answer.failure), { code: answer.code }));
    });
    const end = (error: Error) => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const asked of this.#asked.splice(0)) asked.reject(error);
    };
    worker.on("error", end);
    worker.on("exit", () => end(new Error("the MD5 thread has ended")));
    return worker;
  }
}
