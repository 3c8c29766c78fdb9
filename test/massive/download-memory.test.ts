import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { download } from "../../src/massive/download.ts";
import { openFlatFiles } from "../../src/massive/s3-client.ts";
import { tempDir } from "../support/temp-dir.ts";
import { wholeDownload } from "./download-support.ts";
import { FRIDAY, FRIDAY_KEY } from "./support.ts";

const BLOCK = Buffer.alloc(1 << 20, "one block of a large file ");
const BLOCKS = 512;
const SIZE_BYTES = BLOCKS * BLOCK.length;
const MEMORY_BYTES = SIZE_BYTES / 2;

/** MD5 of the whole object. */
function expectedMd5(): string {
  const hash = createHash("md5");
  for (let block = 0; block < BLOCKS; block++) hash.update(BLOCK);
  return hash.digest("hex");
}

async function sendRange(request: IncomingMessage, response: ServerResponse, etag: string): Promise<void> {
  const [, start = 0, end = 0] = (/=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? []).map(Number);
  response.writeHead(206, {
    etag: `"${etag}"`,
    "content-length": end - start + 1,
    "content-range": `bytes ${start}-${end}/${SIZE_BYTES}`,
  });
  for (let at = start; at <= end; at += BLOCK.length)
    if (!response.write(BLOCK)) await once(response, "drain");
  response.end();
}

test("memory does not grow with the file", async () => {
  const etag = expectedMd5();
  const server = createServer((request, response) => {
    void sendRange(request, response, etag);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  using dir = tempDir();
  const endpoint = `http://127.0.0.1:${port}`;
  const keys = { accessKeyId: "key", secretAccessKey: "secret" };
  const flatFiles = openFlatFiles(
    { endpoint, bucket: "flatfiles", region: "us-east-1", ...keys },
    { connections: 2 },
  );
  const named = { key: FRIDAY_KEY, date: FRIDAY, dataset: "indices", lastModifiedMs: null } as const;
  const version = { ...named, etag, sizeBytes: SIZE_BYTES };
  const beforeBytes = process.memoryUsage.rss();
  let mostBytes = beforeBytes;
  try {
    const result = await download(flatFiles, version, join(dir.path, "day"), {
      sync: false,
      onBytes: () => (mostBytes = Math.max(mostBytes, process.memoryUsage.rss())),
    });
    expect(result).toEqual(wholeDownload(version));
  } finally {
    flatFiles.close();
    server.closeAllConnections();
    server.close();
  }
  expect(mostBytes - beforeBytes).toBeLessThan(MEMORY_BYTES);
});
