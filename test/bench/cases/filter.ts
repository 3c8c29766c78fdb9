import { join } from "node:path";
import { isObject } from "../../support/binary.ts";
import { alternate } from "../support/alternate.ts";
import { OURS, parseSeconds } from "../support/backfill.ts";
import { atLeast, atMost, measured, type BenchCase } from "../support/case.ts";
import type { DayFile } from "../support/day-files.ts";
import { gunzipContestant, GUNZIP } from "../support/gunzip.ts";
import { timed } from "../support/process.ts";
import { threeTickers } from "../support/tickers.ts";

const GZIP = "gzip -dc";
const DUCKDB_PROCESS = "DuckDB, whole process";
const DUCKDB_QUERY = "DuckDB, query alone";
const SCRIPT = join(import.meta.dir, "..", "peers", "duckdb.ts");

export const filterCase: BenchCase = {
  name: "filter",
  title: "One day filtered to 3 symbols: file to committed cache, whole process",
  async run(bench) {
    const day = await bench.days.day(bench.scale);
    const tickers = threeTickers(bench.scale.tickers);
    const times = await alternate(
      bench,
      [
        async () => ({ [OURS]: await parseSeconds(bench, day, tickers) }),
        gunzipContestant(bench, day),
        async () => ({ [GZIP]: (await timed(["gzip", "-dc", day.path], { dropOutput: true })).seconds }),
        () => duckdbSeconds(day, tickers),
      ],
      { unit: "s", runs: bench.runs, warmUp: true },
    );
    return measured(
      times.all,
      [
        atMost(bench, 1.5, {
          what: "time against a process that only gunzips the file",
          value: times.ratio(OURS, GUNZIP),
          unit: "×",
        }),
        atLeast(bench, 2, {
          what: "faster than `gzip -dc` of the file",
          value: times.ratio(GZIP, OURS),
          unit: "×",
        }),
        atLeast(bench, 2.5, {
          what: "faster than DuckDB's filtered `read_csv`",
          value: times.ratio(DUCKDB_QUERY, OURS),
          unit: "×",
        }),
      ],
      [
        "DuckDB is told the types of the columns and keeps the rows in memory; our whole process is held against its query alone, without its start.",
      ],
    );
  },
};

async function duckdbSeconds(day: DayFile, tickers: readonly string[]): Promise<Record<string, number>> {
  const { seconds, stdout } = await timed([process.execPath, SCRIPT, day.path, tickers.join(",")]);
  const answer: unknown = JSON.parse(stdout);
  if (!isObject(answer) || typeof answer["querySeconds"] !== "number" || !(Number(answer["bars"]) > 0))
    throw new Error(`DuckDB answered ${stdout}`);
  return { [DUCKDB_QUERY]: answer["querySeconds"], [DUCKDB_PROCESS]: seconds };
}
