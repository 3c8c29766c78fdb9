import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { tempDir, type TempDir } from "../../support/temp-dir.ts";
import { DayFiles, type DayFile } from "./day-files.ts";
import { tickersToKeep } from "./tickers.ts";

const SHAPE = { tickers: 200, minutes: 2 };
let folder: TempDir;
let said: string[];
let days: DayFile[];

beforeAll(async () => {
  folder = tempDir();
  said = [];
  days = await new DayFiles(folder.path, (text) => said.push(text)).days(SHAPE, 2);
});
afterAll(() => folder[Symbol.dispose]());

test("the facts of a day are those of its file", () => {
  expect(days.map(({ date, rows }) => ({ date, rows }))).toEqual([
    { date: "2025-02-03", rows: 400 },
    { date: "2025-02-04", rows: 400 },
  ]);
  for (const { path, sizeBytes, md5 } of days) {
    const bytes = readFileSync(path);
    expect(sizeBytes).toBe(bytes.length);
    expect(md5).toBe(new Bun.CryptoHasher("md5").update(bytes).digest("hex"));
  }
});

test("a day has its own stamps and the tickers that are to be kept", () => {
  const lines = days.map(({ path }) =>
    new TextDecoder()
      .decode(Bun.gunzipSync(readFileSync(path)))
      .trim()
      .split("\n"),
  );
  expect(lines.map((own) => own.length)).toEqual([401, 401]);
  expect(lines.map((own) => own[1]?.split(",").at(-1))).toEqual([
    `${Date.parse("2025-02-03T14:30:00Z")}000000`,
    `${Date.parse("2025-02-04T14:30:00Z")}000000`,
  ]);
  const tickers = new Set(lines[0]?.map((line) => line.split(",")[0]));
  for (const ticker of tickersToKeep(SHAPE.tickers)) expect(tickers).toContain(ticker);
});

test("a day is made once", async () => {
  const made = days.map(({ path }) => statSync(path).mtimeMs);
  const again = await new DayFiles(folder.path, (text) => said.push(text)).days(SHAPE, 2);
  expect(again).toEqual(days);
  expect(again.map(({ path }) => statSync(path).mtimeMs)).toEqual(made);
  expect(said).toEqual(["making 2 days of 200 tickers × 2 minutes"]);
});
