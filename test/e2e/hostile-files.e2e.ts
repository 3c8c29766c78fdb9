import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expectExit, run, start, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import {
  hostileVendor,
  listing,
  serveObjects,
  xmlAnswer,
  type HostileObject,
  type HostileVendor,
} from "../support/hostile-vendor.ts";
import { watchMemory } from "../support/memory-watch.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { fileOf, INDEX_HEADER } from "../workflows/index-file.ts";

setDefaultTimeout(60_000);

const [GOOD, BAD, TODAY] = ["2024-11-20", "2024-11-21", "2024-11-22"];
const FOLDER = "us_indices/minute_aggs_v1/2024/11";
const MEMORY_LIMIT_BYTES = 500e6;

function fileKey(date: string): string {
  return `${FOLDER}/${date}.csv.gz`;
}

/** A day that is as it should be: its bars have to arrive whatever stands beside it. */
const GOOD_OBJECT: HostileObject = { key: fileKey(GOOD), body: gzipSync(fileOf(GOOD, [1, 2, 3])) };

function hybrid(dir: TempDir, vendor: HostileVendor, ...flags: readonly string[]): Promise<Outcome> {
  return run(hybridCommand(...flags), { cwd: dir.path, env: vendor.env });
}

function hybridCommand(...flags: readonly string[]): string[] {
  return [
    "hybrid",
    "--symbols=SPX",
    `--from=${GOOD}`,
    `--to=${BAD}`,
    `--today=${TODAY}`,
    "--source=flatfiles",
    ...flags,
  ];
}

/** What lies in the folder of the run, beside the cache's own files. */
function namesIn(dir: TempDir): string[] {
  return readdirSync(dir.path, { recursive: true, encoding: "utf8" })
    .filter((name) => !/massive\.(?:sqlite|lock)/.test(name))
    .toSorted();
}

const TREE = ["data", "data/flat-files", "data/flat-files/indices"];

/** No byte that moves the cursor, changes colours or rings: what servers say is shown as text. */
function expectPlainText({ stdout, stderr }: Outcome): void {
  expect(stdout + stderr).not.toMatch(/(?![\n\t])\p{Cc}/u);
  expect(stdout + stderr).not.toContain("This is a bug");
}

describe("a listing", () => {
  test("with keys that lead elsewhere brings the files of its days alone, into the folder of the dataset", async () => {
    using dir = tempDir();
    const body = gzipSync(fileOf(BAD, [9]));
    const strays = [
      "../../../../etc/cron.d/x.csv.gz",
      "/etc/2024-11-21.csv.gz",
      `${FOLDER}/../../../../2024-11-21.csv.gz`,
      `${FOLDER}/%2e%2e/2024-11-21.csv.gz`,
      "us_stocks_sip/minute_aggs_v1/2024/11/2024-11-21.csv.gz",
      "us_indices/day_aggs_v1/2024/11/2024-11-21.csv.gz",
      "us_indices/minute_aggs_v1/2024/10/2024-11-21.csv.gz",
      `${FOLDER}/2024-11-21.csv.gz/../2024-11-21.csv.gz`,
      `${FOLDER}/2024-11-21.csv.gz\u001B[2J`,
      `${FOLDER}/2024-11-31.csv.gz`,
      `${FOLDER}/2024-11-21.CSV.GZ`,
      "",
    ].map((key): HostileObject => ({ key, body }));
    await using vendor = hostileVendor(serveObjects([...strays, GOOD_OBJECT, ...strays]));
    const outcome = await hybrid(dir, vendor);
    expectExit(outcome, 0);
    expect(namesIn(dir)).toEqual([...TREE, `data/flat-files/indices/${GOOD}.csv.gz`]);
    expect(cachedBars(join(dir.path, "data"))).toHaveLength(3);
    expectPlainText(outcome);
    expect(vendor.requests.filter((path) => path.includes(".gz"))).toEqual(
      vendor.requests.filter((path) => path.includes(`/${fileKey(GOOD)}`)),
    );
  });

  test.each([
    ["that never ends", () => listing([], "the same token for ever"), "it has more than 50 pages"],
    ["that has no size of a file", () => listing([{ key: fileKey(BAD), size: "much", etag: '"x"' }]), ""],
    ["that has a negative size", () => listing([{ key: fileKey(BAD), size: -5, etag: '"x"' }]), ""],
    [
      "that is a web page",
      () => new Response("<html>log in</html>", { headers: { "content-type": "text/html" } }),
      "",
    ],
    ["that is binary", () => new Response(Buffer.from([0, 1, 2, 255, 254])), ""],
  ])("%s is told as a failure, and nothing is written", async (_, answer, words) => {
    using dir = tempDir();
    await using vendor = hostileVendor(answer);
    const outcome = await hybrid(dir, vendor);
    expect([3, 4]).toContain(outcome.code ?? -1);
    expect(outcome.stdout + outcome.stderr).toContain(words);
    expectPlainText(outcome);
    expect(namesIn(dir).filter((name) => name.endsWith(".gz"))).toEqual([]);
    expect(outcome.durationMs).toBeLessThan(40_000);
  });

  test("of a file larger than any day has is told before a byte is fetched", async () => {
    using dir = tempDir();
    const huge = { key: fileKey(BAD), body: new Uint8Array(1), size: 1_000_000_000_000_000 };
    await using vendor = hostileVendor(serveObjects([GOOD_OBJECT, huge]));
    const outcome = await hybrid(dir, vendor);
    expectExit(outcome, 4);
    expect(outcome.stdout).toContain(`${BAD} has a size that no day's file has`);
    expect(namesIn(dir).filter((name) => name.endsWith(".gz"))).toEqual([]);
  });

  test("that would unfold without end is not unfolded", async () => {
    using dir = tempDir();
    const names = Array.from({ length: 20 }, (_, n) => "b".repeat(n + 1));
    const entities = names.map((name, n) => `<!ENTITY ${name} "${`&${names[n - 1] ?? "amp"};`.repeat(10)}">`);
    const bomb = `<!DOCTYPE l [${entities.join("")}]><ListBucketResult><IsTruncated>false</IsTruncated><Name>&${names.at(-1)};</Name></ListBucketResult>`;
    await using vendor = hostileVendor(() => xmlAnswer(200, bomb));
    const running = start(hybridCommand(), { cwd: dir.path, env: vendor.env });
    const memory = watchMemory(running.pid);
    const outcome = await running.ended;
    expect(memory.peakBytes()).toBeLessThan(MEMORY_LIMIT_BYTES);
    expect(outcome.durationMs).toBeLessThan(10_000);
    expectPlainText(outcome);
    expect(namesIn(dir).filter((name) => name.endsWith(".gz"))).toEqual([]);
  });
});

function rows(text: string): Uint8Array {
  return gzipSync(INDEX_HEADER + text);
}

describe("a flat file", () => {
  const stamp = BigInt(Date.parse(`${BAD}T15:00:00Z`)) * 1_000_000n;

  test.each<[string, () => Uint8Array]>([
    [
      "that unpacks to 300 MB of lines",
      () => gzipSync(Buffer.alloc(300_000_000, `I:ZZZ,1,1,1,1,${stamp}\n`)),
    ],
    ["that is one line of 200 MB", () => gzipSync(Buffer.alloc(200_000_000, "x"))],
    ["that is a gzip file in a gzip file", () => gzipSync(rows("I:SPX,1,1,1,1,1\n"))],
    ["that is no gzip file", () => Buffer.from("PK\u0003\u0004 something else")],
    ["that is cut", () => rows(`I:SPX,1,1,1,1,${stamp}\n`.repeat(9)).subarray(0, 40)],
    [
      "of random bytes",
      () => gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256))),
    ],
    ["without a header", () => gzipSync(`I:SPX,1,1,1,1,${stamp}\n`)],
    ["with nothing in it", () => gzipSync("")],
    [
      "with stamps of other centuries",
      () => rows("I:SPX,1,1,1,1,1\nI:SPX,1,1,1,1,99999999999999999999\nI:SPX,1,1,1,1,-1\n"),
    ],
    [
      "with prices that are none",
      () =>
        rows(
          ["NaN", "Infinity", "-1", "1e400", "0x10", "1_000", ""]
            .map((price) => `I:SPX,${price},1,1,1,${stamp}\n`)
            .join(""),
        ),
    ],
    ["with a ticker of 900 kB", () => rows(`I:${"S".repeat(900_000)},1,1,1,1,${stamp}\nI:SPX,x,x,x,x,x\n`)],
    ["with control characters", () => rows(`I:SPX,\u001B[2J,1,1,1,${stamp}\n`)],
  ])("%s fails its day alone, within bounds; the good day is there", async (_, body) => {
    using dir = tempDir();
    await using vendor = hostileVendor(serveObjects([GOOD_OBJECT, { key: fileKey(BAD), body: body() }]));
    const running = start(hybridCommand("--quiet"), { cwd: dir.path, env: vendor.env });
    const memory = watchMemory(running.pid);
    const outcome = await running.ended;
    expectExit(outcome, 4);
    expect(memory.peakBytes()).toBeLessThan(MEMORY_LIMIT_BYTES);
    expectPlainText(outcome);
    expect(outcome.stdout).toContain(`✖ Failures:\n  indices ${BAD} (parse): `);
    expect(cachedBars(join(dir.path, "data"))).toHaveLength(3);
    expect(namesIn(dir)).toEqual([
      ...TREE,
      ...[GOOD, BAD].map((date) => `data/flat-files/indices/${date}.csv.gz`),
    ]);
  });

  test("that was bad is read again once the vendor has a good one", async () => {
    using dir = tempDir();
    const objects = [GOOD_OBJECT, { key: fileKey(BAD), body: rows("I:SPX,x,x,x,x,x\n") }];
    await using vendor = hostileVendor((request) => serveObjects(objects)(request));
    expectExit(await hybrid(dir, vendor), 4);
    objects[1] = { key: fileKey(BAD), body: gzipSync(fileOf(BAD, [5, 6])) };
    expectExit(await hybrid(dir, vendor), 0);
    expect(cachedBars(join(dir.path, "data"))).toHaveLength(5);
  });
});
