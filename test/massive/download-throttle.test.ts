import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { systemClock } from "../../src/massive/clock.ts";
import { download } from "../../src/massive/download.ts";
import { openFlatFiles, type TransferOptions } from "../../src/massive/s3-client.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { tempDir } from "../support/temp-dir.ts";
import { downloadFriday, GET_FRIDAY, rangesOf, wholeDownload } from "./download-support.ts";
import { fakeClock, FRIDAY, FRIDAY_KEY, RETRY, startVendor } from "./support.ts";

const CONNECTIONS = 4;
const BYTES = Buffer.from("one two three four! ");
const ETAG = Bun.CryptoHasher.hash("md5", BYTES, "hex");
const OBJECT: FlatFile = {
  dataset: "indices",
  date: FRIDAY,
  key: FRIDAY_KEY,
  etag: ETAG,
  sizeBytes: BYTES.length,
  lastModifiedMs: null,
};

/** A server that counts the connections in use, once it has refused the first requests (null: none). */
function startServer(refuse: (() => Response) | null) {
  let [refused, active, mostActive] = [refuse ? 0 : CONNECTIONS, 0, 0];
  const allCame = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (refuse && refused < CONNECTIONS) {
        refused += 1;
        if (refused === CONNECTIONS) allCame.resolve();
        await allCame.promise;
        return refuse();
      }
      active += 1;
      mostActive = Math.max(mostActive, active);
      // Whoever else may come comes now.
      for (let turn = 0; turn < 50; turn++) await setImmediate();
      active -= 1;
      return rangeOf(request);
    },
  });
  return { server, mostActive: () => mostActive };
}

function rangeOf(request: Request): Response {
  const [, first = "", last = ""] = /=(\d+)-(\d+)/.exec(request.headers.get("range") ?? "") ?? [];
  const headers = { etag: `"${ETAG}"`, "content-range": `bytes ${first}-${last}/${BYTES.length}` };
  return new Response(BYTES.subarray(Number(first), Number(last) + 1), { status: 206, headers });
}

async function downloadFrom(endpoint: string, hasRead: boolean, transfer: Partial<TransferOptions> = {}) {
  using dir = tempDir();
  const keys = { accessKeyId: "key", secretAccessKey: "secret" };
  const flatFiles = openFlatFiles(
    { endpoint, bucket: "flatfiles", region: "us-east-1", ...keys },
    {
      ...rangesOf(BYTES.length / CONNECTIONS),
      connections: CONNECTIONS,
      clock: fakeClock(),
      retry: RETRY,
      slowDownRetry: RETRY,
      ...transfer,
    },
  );
  flatFiles.hasRead = hasRead;
  try {
    return await download(flatFiles, OBJECT, join(dir.path, "day"));
  } finally {
    flatFiles.close();
  }
}

describe("a server that asks for fewer requests", () => {
  test.each([
    ["503 SlowDown", 503, "<Error><Code>SlowDown</Code></Error>", false],
    ["429", 429, "", false],
    ["a refusal after something could be read", 403, '{"status":"NOT_AUTHORIZED"}', true],
  ])("by %s gets fewer at once", async (_, status, body, hasRead) => {
    const refusing = startServer(() => new Response(body, { status }));
    try {
      expect(await downloadFrom(refusing.server.url.origin, hasRead)).toEqual(wholeDownload(OBJECT));
    } finally {
      await refusing.server.stop(true);
    }
    // Four were refused, so two may come, and a third once both of these came through.
    expect([2, 3]).toContain(refusing.mostActive());
  });

  test("an error of the server is no such wish", async () => {
    const refusing = startServer(() => new Response("", { status: 500 }));
    try {
      expect(await downloadFrom(refusing.server.url.origin, false)).toEqual(wholeDownload(OBJECT));
    } finally {
      await refusing.server.stop(true);
    }
    expect(refusing.mostActive()).toBe(CONNECTIONS);
  });
});

test("under a low limit of the rate few connections are used, so that none falls silent", async () => {
  const { server, mostActive } = startServer(null);
  try {
    const limited = { maxBytesPerSecond: 100_000 };
    expect(await downloadFrom(server.url.origin, false, limited)).toEqual(wholeDownload(OBJECT));
  } finally {
    await server.stop(true);
  }
  expect(mostActive()).toBe(2);
});

test("a wait of ours, for the limit of the rate, is no silence of the server", async () => {
  await using vendor = await startVendor({
    transfer: { clock: systemClock, connections: 1, idleTimeoutMs: 100, maxBytesPerSecond: 20_000 },
  });
  const friday = await vendor.friday();
  const startMs = performance.now();
  const { result } = await downloadFriday(vendor, friday);
  expect(result).toEqual(wholeDownload(friday));
  // The last 100 ms of a wait may have been made up for.
  expect(performance.now() - startMs).toBeGreaterThan((friday.sizeBytes / 20_000) * 1000 - 150);
  expect(vendor.sandbox.requests.length).toBe(1);
});

describe("an answer that passes", () => {
  test.each([
    ["SlowDown", FAULT_ANSWERS.slowDown()],
    ["InternalError", FAULT_ANSWERS.internalError()],
    ["a refusal", FAULT_ANSWERS.throttle403()],
    ["a gateway's page", FAULT_ANSWERS.html(502)],
  ])("in the middle of a file (%s) is waited out", async (_, answer) => {
    await using vendor = await startVendor({ transfer: { ...rangesOf(2000), connections: 1 } });
    const friday = await vendor.friday();
    vendor.sandbox.faults.add({ match: GET_FRIDAY, skip: 2, times: 2, fault: { kind: "answer", answer } });
    const { result } = await downloadFriday(vendor, friday);
    expect(result).toEqual(wholeDownload(friday));
    expect(vendor.clock.sleeps.length).toBe(2);
    expect(vendor.sandbox.requests.length).toBe(Math.ceil(friday.sizeBytes / 2000) + 2);
  });
});
