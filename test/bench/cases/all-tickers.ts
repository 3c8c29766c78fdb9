import { join } from "node:path";
import { alternate, type SeriesByName } from "../support/alternate.ts";
import { OURS, parseSeconds } from "../support/backfill.ts";
import { atLeast, measured, type Bench, type BenchCase } from "../support/case.ts";
import type { DayFile } from "../support/day-files.ts";
import type { Finding } from "../support/results.ts";
import { timed } from "../support/process.ts";
import { workDir } from "../support/work-dir.ts";

const SQLITE3 = "sqlite3 .import";
const SQLITE3_IDS = "sqlite3 .import, then integer symbol ids";
const MOST_RUNS = 3;

/** The same pragmas as ours. */
const PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;";
const COLUMNS = "ticker TEXT, open REAL, close REAL, high REAL, low REAL, window_start INTEGER";

export const allTickersCase: BenchCase = {
  name: "all-tickers",
  title: "Every ticker of a day: file to committed cache, 3.9 million bars",
  async run(bench) {
    const day = await bench.days.day(bench.scale);
    using text = workDir(bench.workFolder);
    const csv = join(text.path, "day.csv");
    await Bun.write(csv, Bun.gunzipSync(await Bun.file(day.path).bytes()));
    // On the disk now, not while somebody is timed.
    await timed(["sync"]);
    const ours = async () => ({ [OURS]: await parseSeconds(bench, day, ["*"]) });
    const peers = [
      async () => ({ [SQLITE3]: await importSeconds(bench, day, csv, directImport) }),
      async () => ({ [SQLITE3_IDS]: await importSeconds(bench, day, csv, importWithIds) }),
    ];
    const hasPeer = Bun.which("sqlite3") !== null;
    const runs = Math.min(bench.runs, MOST_RUNS);
    // The first run is slow enough not to care whether it was the first.
    const rounds = { unit: "s", runs, warmUp: false } as const;
    const times = await alternate(bench, hasPeer ? [ours, ...peers] : [ours], rounds);
    const rows = atLeast(bench, 500_000, {
      what: "rows a second",
      value: Math.round(day.rows / times.median(OURS)),
      unit: "rows/s",
    });
    if (!hasPeer) return measured(times.all, [rows], ["sqlite3 is not on this machine."]);
    return measured(times.all, [rows, ...againstSqlite(bench, times)], REMARKS);
  },
};

const REMARKS = [
  "sqlite3 reads the text that is already decompressed, checks no row and keeps no manifest; same pragmas, WITHOUT ROWID.",
  "`.import` alone can only make a key of text; the integer key of our cache takes it a second statement.",
];

function againstSqlite(bench: Bench, times: SeriesByName): Finding[] {
  return [
    atLeast(bench, 1.2, {
      what: "faster than `sqlite3 .import` into the same key (integer symbol, minute)",
      value: times.ratio(SQLITE3_IDS, OURS),
      unit: "×",
    }),
    atLeast(bench, 1.2, {
      what: "faster than `sqlite3 .import` into a key of text (ticker, stamp)",
      value: times.ratio(SQLITE3, OURS),
      unit: "×",
    }),
  ];
}

function directImport(csv: string): string {
  return `${PRAGMAS}
CREATE TABLE bars (${COLUMNS}, PRIMARY KEY (ticker, window_start)) WITHOUT ROWID;
.import --csv --skip 1 ${csv} bars
SELECT count(*) FROM bars;
`;
}

function importWithIds(csv: string): string {
  return `${PRAGMAS}
CREATE TABLE symbols (id INTEGER PRIMARY KEY, ticker TEXT UNIQUE);
CREATE TABLE bars (
  symbol_id INTEGER, timeframe_minutes INTEGER, window_start_ms INTEGER,
  open REAL, high REAL, low REAL, close REAL,
  PRIMARY KEY (symbol_id, timeframe_minutes, window_start_ms)
) WITHOUT ROWID;
CREATE TEMP TABLE rows (${COLUMNS});
.import --csv --skip 1 ${csv} rows
BEGIN;
INSERT INTO symbols (ticker) SELECT DISTINCT ticker FROM rows;
INSERT INTO bars
SELECT s.id, 1, r.window_start / 1000000, r.open, r.high, r.low, r.close
FROM rows r JOIN symbols s ON s.ticker = r.ticker;
COMMIT;
SELECT count(*) FROM bars;
`;
}

async function importSeconds(
  bench: Bench,
  day: DayFile,
  csv: string,
  script: (csv: string) => string,
): Promise<number> {
  using dir = workDir(bench.workFolder);
  const stdin = join(dir.path, "import.sql");
  await Bun.write(stdin, script(csv));
  const { seconds, stdout } = await timed(["sqlite3", "-bail", join(dir.path, "peer.sqlite")], { stdin });
  if (stdout.trim().split("\n").at(-1) !== String(day.rows)) throw new Error(`sqlite3 answered ${stdout}`);
  return seconds;
}
