import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { syntheticTickers, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start, type Running } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";
const DATES = ["2024-11-21", "2024-11-22"];
const CONNECTIONS = 4;
const HYBRID = [
  "hybrid",
  "--symbols=SPX",
  `--from=${DATES[0]}`,
  `--to=${TODAY}`,
  `--today=${TODAY}`,
  `--connections=${CONNECTIONS}`,
];
/** Of this many tickers a file has about 6 MB: a range of 1.5 MB for each connection. */
const TICKERS = 900;
const BYTES_PER_SECOND = 1_500_000;
/** Two connections lag behind, so that their ranges are in the middle when the others are at their next. */
const LAGGING = {
  match: /\.gz/,
  skip: 1,
  times: 2,
  fault: { kind: "slow", bytesPerSecond: 100_000 },
} as const;
let sandbox: Sandbox;

beforeEach(async () => {
  const tickers = { indices: syntheticTickers("indices", TICKERS) };
  sandbox = await sandboxAt(TODAY, { historyFrom: DATES[0] ?? "", tickers });
});
afterEach(() => sandbox.stop());

/** A range of a file that was asked for, by the offsets of its first and last byte. */
interface Range {
  readonly path: string;
  readonly first: number;
  readonly last: number;
}

/** The ranges asked for so far, the questions about the plan (of one byte) left out. */
function rangesAsked(): Range[] {
  return sandbox.requests.flatMap(({ path, range }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    return first === undefined || last === undefined || range === "bytes=0-0"
      ? []
      : [{ path, first: Number(first), last: Number(last) }];
  });
}

async function untilAsked(ranges: number, running: Running): Promise<void> {
  const over = running.ended.then(() => "over");
  while (rangesAsked().length < ranges) if ((await Promise.race([over, Bun.sleep(2)])) === "over") return;
}

function overlap(one: Range, other: Range): boolean {
  return one.path === other.path && one.first <= other.last && other.first <= one.last;
}

function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

describe("a run that is ended in the middle of a file", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)(
    "by %s is gone on with: at most one range of each connection comes twice",
    async (signal, code) => {
      using dir = tempDir();
      const dataDir = join(dir.path, "data");
      const options = { cwd: dir.path, env: sandbox.environment };
      sandbox.faults.bytesPerSecond = BYTES_PER_SECOND;
      sandbox.faults.add(LAGGING);
      const running = start(HYBRID, options);
      // Each connection asks for its next range when it has the one before.
      await untilAsked(CONNECTIONS + 2, running);
      running.signal(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(code);
      if (signal === "SIGINT")
        expect(ended.stderr).toEndWith(
          "→ Run the same command again to go on.\n  More: massive-backfill help interrupted\n",
        );
      const first = rangesAsked();

      sandbox.faults.clear();
      sandbox.clearRequests();
      const dry = await run([...HYBRID, "--dry-run", "--json"], options);
      expectExit(dry, 0);
      sandbox.clearRequests();
      const next = await run([...HYBRID, "--json"], options);
      expectExit(next, 0);
      const second = rangesAsked();
      const twice = first.filter((range) => second.some((other) => overlap(range, other)));
      expect(twice.length).toBeLessThanOrEqual(CONNECTIONS);
      expect(first.length - twice.length).toBeGreaterThan(0);
      expect(next.json()).toMatchObject({ files: { downloaded: 2, bytes: sizeOf(second) } });
      expect(dry.json()["totals"]).toMatchObject({ files: 2, bytes: sizeOf(second) });
      expect(next.stderr).toMatch(
        /\[info\] Downloading 2 files, .* over 4 connections; .* are here from an earlier run\n/,
      );
      expect(next.stderr).toMatch(/\[info\] download: .*, .* from an earlier run\n/);

      const names = Object.keys(filesOf(join(dataDir, "flat-files", "indices")));
      expect(names).toEqual(DATES.map((date) => `${date}.csv.gz`));
      expect(differences(cachedBars(dataDir), truthOf(sandbox, "SPX", DATES))).toEqual([]);
    },
  );
});
