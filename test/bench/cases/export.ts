import { join } from "node:path";
import { isObject } from "../../support/binary.ts";
import { alternate, series } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { atLeast, atMost, measured, type Bench, type BenchCase } from "../support/case.ts";
import { peakMemoryBytes, timed } from "../support/process.ts";
import { syncCache } from "../support/sync-cache.ts";
import { workDir } from "../support/work-dir.ts";

const MB = 1e6;
const LIMIT_MB = 350;
const LEAST_ROWS_PER_SECOND = 250_000;
const DUCKDB = "DuckDB, Parquet to Parquet, one thread";
const SCRIPT = join(import.meta.dir, "..", "peers", "duckdb-copy.ts");

export const exportCase: BenchCase = {
  name: "export",
  title: "`export` of 5,000,000 bars to one Parquet file (zstd), whole process",
  async run(bench) {
    using dir = workDir(bench.workFolder);
    const cache = await syncCache(bench, bench.scale.manySyncDays);
    const [ours, copied] = [join(dir.path, "ours.parquet"), join(dir.path, "copied.parquet")];
    const command = exportCommand(bench, cache.dataDir, ours);
    const rates = await alternate(
      bench,
      [
        async () => ({ [OURS]: cache.bars / (await exportSeconds(command, cache.bars)) }),
        async () => ({ [DUCKDB]: cache.bars / (await copySeconds(ours, copied)) }),
      ],
      { unit: "rows/s", runs: bench.runs, warmUp: true },
    );
    bench.say("peak memory");
    const peak = series("peak memory", "MB", [(await peakMemoryBytes(command)) / MB]);
    const rate = { what: "rate", value: rates.median(OURS), unit: "rows/s" } as const;
    const memory = { what: "peak memory", value: peak.median, unit: "MB" } as const;
    return measured(
      [...rates.all, peak],
      [atLeast(bench, LEAST_ROWS_PER_SECOND, rate), atMost(bench, LIMIT_MB, memory)],
      [
        `From SQLite: ${(Bun.file(ours).size / MB).toFixed(0)} MB. DuckDB reads the file that was made and writes it again (${(Bun.file(copied).size / MB).toFixed(0)} MB); it has no SQLite to read.`,
      ],
    );
  },
};

function exportCommand({ binary }: Bench, dataDir: string, out: string): string[] {
  return [binary, "export", `--data-dir=${dataDir}`, `--out=${out}`, "--json", "--quiet"];
}

/** @throws Error unless it wrote just so many bars. */
async function exportSeconds(command: readonly string[], bars: number): Promise<number> {
  const { seconds, stdout } = await timed(command);
  const result: unknown = JSON.parse(stdout);
  if (!isObject(result) || result["bars"] !== bars) throw new Error(`not ${bars} bars:\n${stdout}`);
  return seconds;
}

async function copySeconds(from: string, to: string): Promise<number> {
  const { stdout } = await timed([process.execPath, "--no-env-file", SCRIPT, from, to]);
  const result: unknown = JSON.parse(stdout);
  if (!isObject(result) || typeof result["copySeconds"] !== "number") throw new Error(stdout);
  return result["copySeconds"];
}
