import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { duckdbRows } from "../formats/read-back.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { manyBars } from "../support/many-bars.ts";
import { watchMemory } from "../support/memory-watch.ts";
import { smallCache } from "../support/small-cache.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(120_000);

const SMALLEST_RSS_BYTES = 50_000_000;
const LARGEST_RSS_BYTES = 300_000_000;
const TICKERS = ["AAPL", "MSFT"];

describe("export", () => {
  test("writes two million bars into one file with flat memory, and can be stopped at any time", async () => {
    using dir = tempDir();
    const bars = manyBars(join(dir.path, "data"), TICKERS, 1000);
    const running = start(["export", "--out=bars.parquet", "--json", "--quiet"], { cwd: dir.path });
    const memory = watchMemory(running.pid);
    const outcome = await running.ended;
    expectExit(outcome, 0);
    const peakBytes = memory.peakBytes();
    const path = join(dir.path, "bars.parquet");
    const { durationMs, ...result } = outcome.json();
    expect(typeof durationMs).toBe("number");
    expect(result).toEqual({
      schemaVersion: 1,
      command: "export",
      format: "parquet",
      out: path,
      timeframes: ["1m"],
      from: "2010-01-01",
      to: "2012-09-26",
      symbols: TICKERS,
      leftOut: [],
      files: { written: 1, unchanged: 0, deleted: 0 },
      bars,
      bytes: readFileSync(path).length,
    });
    expect(
      await duckdbRows(`SELECT symbol, count(*)::INT AS bars FROM '${path}' GROUP BY ALL ORDER BY ALL`),
    ).toEqual(TICKERS.map((symbol) => ({ symbol, bars: bars / 2 })));
    expect(peakBytes).toBeGreaterThan(SMALLEST_RSS_BYTES);
    expect(peakBytes).toBeLessThan(LARGEST_RSS_BYTES);

    const second = start(["export", "--out=stopped.csv"], { cwd: dir.path });
    await untilPartial(dir.path);
    second.signal("SIGINT");
    const stopped = await second.ended;
    expectExit(stopped, 130);
    expect(stopped.stderr).toContain("stopped on request: nothing was written\n");
    expect(readdirSync(dir.path).toSorted()).toEqual(["bars.parquet", "data"]);
  });

  test("says what was up to date, and refuses what cannot be with the exit code of the command line", async () => {
    using dir = tempDir();
    await smallCache(join(dir.path, "data"));
    const lake = ["export", "--out=lake", "--incremental", "--quiet"];
    expectExit(await run(lake, { cwd: dir.path }), 0);
    const again = await run(lake, { cwd: dir.path });
    expectExit(again, 0);
    expect(again.stdout).toBe(
      `${join(dir.path, "lake")} is up to date (2 symbols, 1m, 2024-11-21 to 2024-11-21; 2 unchanged)\n`,
    );
    const unknown = await run(["export", "--out=a.csv", "--symbols=ZZZ"], { cwd: dir.path });
    expectExit(unknown, 2);
    expect(unknown.stderr).toContain("the cache has nothing of ZZZ");
    const csv = await run([...lake, "--format=csv"], { cwd: dir.path });
    expectExit(csv, 2);
    expect(csv.stderr).toContain("there are 2 parquet files of an earlier export");
    const text = await run(["export", "--out=bars.txt"], { cwd: dir.path });
    expectExit(text, 2);
    expect(text.stderr).toContain("bars.txt ends in .txt, and a parquet file ends in .parquet");
    const elsewhere = await run(["export", "--out=a.csv", "--data-dir=nowhere"], { cwd: dir.path });
    expectExit(elsewhere, 2);
    expect(elsewhere.stderr).toContain("nothing is cached there");
    expect(readdirSync(dir.path).toSorted()).toEqual(["data", "lake"]);
  });

  test("keeps account of what eight exports into a folder write at the same time", async () => {
    using dir = tempDir();
    const tickers = ["AAPL", "AMZN", "GOOG", "META", "MSFT", "NFLX", "NVDA", "TSLA"];
    manyBars(join(dir.path, "data"), tickers, 2);
    const lake = ["export", "--out=lake", "--incremental", "--json", "--quiet"];
    for (let round = 1; round <= 3; round++) {
      const running = tickers.map((ticker) => run([...lake, `--symbols=${ticker}`], { cwd: dir.path }));
      for (const outcome of await Promise.all(running)) expectExit(outcome, 0);
      const all = await run(lake, { cwd: dir.path });
      expectExit(all, 0);
      expect(all.json()).toMatchObject({ files: { written: 0, unchanged: 8, deleted: 0 } });
      rmSync(join(dir.path, "lake"), { recursive: true });
    }
  });

  test("leaves nothing on a disk that is full, and says so", async () => {
    using dir = tempDir();
    manyBars(join(dir.path, "data"), ["AAPL"], 50);
    using disk = smallDisk(join(dir.path, "small"), 1_000_000);
    const outcome = await run(["export", `--out=${disk.path}/bars.csv`], { cwd: dir.path });
    expectExit(outcome, 4);
    expect(outcome.stderr).toContain("the disk is full");
    expect(outcome.stderr).toContain("help disk");
    expect(readdirSync(disk.path)).toEqual([]);
  });
});

/** Waits for a file that is being written. */
async function untilPartial(folder: string): Promise<void> {
  while (!readdirSync(folder).some((name) => name.endsWith(".partial"))) {
    if (existsSync(join(folder, "stopped.csv"))) throw new Error("it was over before it could be stopped");
    await Bun.sleep(2);
  }
}
