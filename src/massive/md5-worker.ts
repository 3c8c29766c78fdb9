// A thread that computes the MD5 of files, one after the other, while the main one goes on downloading.
import { parentPort } from "node:worker_threads";
import { codeOf } from "./network-errors.ts";
import { md5OfFile, type Md5Answer } from "./md5-of-file.ts";

function answerTo(path: string): Md5Answer {
  try {
    return { md5: md5OfFile(path) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error), code: codeOf(error) };
  }
}

parentPort?.on("message", (path: string) => parentPort?.postMessage(answerTo(path), []));
