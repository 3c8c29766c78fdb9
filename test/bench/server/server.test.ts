import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { listMonth } from "../../../src/massive/flat-files.ts";
import { openFlatFiles } from "../../../src/massive/s3-client.ts";
import { tempDir, type TempDir } from "../../support/temp-dir.ts";
import { DayFiles, type DayFile } from "../support/day-files.ts";
import { startServer, type Server } from "./start.ts";

let folder: TempDir;
let days: DayFile[];

beforeAll(async () => {
  folder = tempDir();
  days = await new DayFiles(folder.path, () => {}).days({ tickers: 200, minutes: 40 }, 2);
});
afterAll(() => folder[Symbol.dispose]());

function firstDay(): { day: DayFile; bytes: Buffer } {
  const [day] = days;
  if (day === undefined) throw new Error("there is no day");
  return { day, bytes: readFileSync(day.path) };
}

describe.each([
  ["unthrottled", undefined],
  ["throttled", 50e6],
])("the %s server", (_, bytesPerSecond) => {
  let server: Server;

  beforeAll(async () => {
    const rate = bytesPerSecond === undefined ? {} : { bytesPerSecond };
    server = await startServer(days, { folder: folder.path, ...rate });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("lists a month as the program reads it", async () => {
    const flatFiles = openFlatFiles({
      endpoint: server.url,
      bucket: "flatfiles",
      region: "us-east-1",
      accessKeyId: "bench",
      secretAccessKey: "bench",
    });
    const listed = await listMonth(flatFiles, "indices", "2025-02");
    flatFiles.close();
    expect(listed.map(({ date, etag, sizeBytes }) => ({ date, etag, sizeBytes }))).toEqual(
      days.map(({ date, md5, sizeBytes }) => ({ date, etag: md5, sizeBytes })),
    );
  });

  test("sends a file, and a range of it, byte for byte", async () => {
    const { day, bytes } = firstDay();
    const whole = await fetch(server.urlOf(day));
    expect([whole.status, whole.headers.get("etag")]).toEqual([200, `"${day.md5}"`]);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const range = `bytes=5-${bytes.length - 3}`;
    const part = await fetch(server.urlOf(day), { headers: { range, "if-match": `"${day.md5}"` } });
    expect([part.status, part.headers.get("content-range")]).toEqual([
      206,
      `bytes 5-${bytes.length - 3}/${bytes.length}`,
    ]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(5, -2))).toBe(true);
  });

  test("refuses another version, a range beyond the end and a key it does not have", async () => {
    const { day } = firstDay();
    const url = server.urlOf(day);
    const answers = [
      await fetch(url, { headers: { "if-match": '"other"' } }),
      await fetch(url, { headers: { range: "bytes=99999999-" } }),
      await fetch(url.replace("2025-02-03", "2025-02-02")),
    ];
    expect(answers.map(({ status }) => status)).toEqual([412, 416, 404]);
  });
});
