import { join } from "node:path";
import { flatFileKey } from "../../../src/massive/flat-file-keys.ts";
import type { DayFile } from "../support/day-files.ts";
import type { ServedObject } from "./objects.ts";

/** The bench's server: a process of its own, so that it takes no time from who asks it. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** What massive-backfill has to be told to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Where curl finds a day. */
  urlOf(day: DayFile): string;
}

const BUCKET = "flatfiles";

export interface ServerOptions {
  /** Where its list of objects is put. */
  readonly folder: string;
  /** What each connection gets; undefined: as much as it can take. */
  readonly bytesPerSecond?: number;
}

/** Starts a server of `days`; `await using` ends it. */
export async function startServer(
  days: readonly DayFile[],
  { folder, bytesPerSecond }: ServerOptions,
): Promise<Server> {
  const list = join(folder, "objects.json");
  const objects = days.map(({ date, path, sizeBytes, md5 }): ServedObject => ({
    key: flatFileKey("indices", date),
    path,
    sizeBytes,
    etag: md5,
  }));
  await Bun.write(list, JSON.stringify(objects));
  const rate = bytesPerSecond === undefined ? [] : [String(bytesPerSecond)];
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), list, ...rate], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const url = await firstLine(child.stdout);
  return {
    url,
    env: {
      MASSIVE_S3_ENDPOINT: url,
      MASSIVE_S3_BUCKET: BUCKET,
      MASSIVE_AWS_ACCESS_KEY: "bench",
      MASSIVE_AWS_SECRET_KEY: "bench",
    },
    urlOf: ({ date }) => `${url}/${BUCKET}/${flatFileKey("indices", date)}`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error("the bench's server ended before it said its address");
}
