import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { CACHE_FILE } from "../../../src/cache/cache.ts";
import { addDays } from "../../../src/core/dates.ts";
import { alternate } from "../support/alternate.ts";
import { atMost, measured, type Bench, type BenchCase } from "../support/case.ts";
import { COIN, coinCache } from "../support/coin-cache.ts";
import { manifestCache } from "../support/manifest-cache.ts";
import { timed } from "../support/process.ts";
import { LAST_DATE, statusCache } from "../support/status-cache.ts";
import { workDir } from "../support/work-dir.ts";

const MOST_FIRST_MS = 300;
const MOST_CHART_MS = 100;
const TIMES_AS_MANY = 4;
const FIRST = "all that the first calendar of 500 symbols takes";
/** What a chart asks for: timeframe and days back. */
const CHARTS = {
  "a day of minutes": ["1m", 0],
  "a month of minutes": ["1m", 30],
  "a year of 5m bars": ["5m", 365],
  "ten years of 1d bars": ["1d", 3652],
} as const;

const FIVE_YEARS = "five years of 1d bars, made from the minutes";
/** The same of bars that the cache does not keep. */
const MADE_NOW = {
  "a year of 1d bars, made from the minutes": ["1d", 365],
  [FIVE_YEARS]: ["1d", 1826],
} as const;

/** A coin trades every minute of every day. */
const COIN_YEAR = "a year of 1d bars of a coin, made from the minutes";
/** The page asks again at every step through the years, and while a run is at work. */
const AGAIN = "five years of 1d bars, made from the minutes, asked for again";

const WHY_MISSED =
  "half a million minutes are summed for it; bars that `aggregate` keeps are read as they are";

export const viewCase: BenchCase = {
  name: "view",
  title: "`view`: questions of the page, 2,500 days",
  async run(bench) {
    using dir = workDir(bench.workFolder);
    const dataDir = join(dir.path, "data");
    mkdirSync(dataDir);
    copyFileSync(join(await statusCache(bench), CACHE_FILE), join(dataDir, CACHE_FILE));
    await timed([bench.binary, "aggregate", "--timeframes=5m,1d", `--data-dir=${dataDir}`]);
    await using charts = await served(bench, dataDir);
    const [minutes, coins] = [await statusCache(bench), await coinCache(bench)];
    await using many = await served(bench, await manifestCache(bench));
    const times = await alternate(
      bench,
      [
        async () => ({
          [FIRST]: await many.ms("/", "/page.js", "/style.css", "/api/overview", "/api/status?symbol=S000"),
        }),
        ...Object.entries(CHARTS).map(([name, asked]) => async () => ({
          [name]: await charts.ms(chart(asked)),
        })),
        ...Object.entries(MADE_NOW).map(([name, asked]) => async () => {
          const [firstMs, againMs] = await twice(bench, minutes, chart(asked));
          return name === FIVE_YEARS ? { [name]: firstMs, [AGAIN]: againMs } : { [name]: firstMs };
        }),
        async () => {
          const [firstMs] = await twice(bench, coins, chart(["1d", 365], COIN));
          return { [COIN_YEAR]: firstMs };
        },
      ],
      { unit: "ms", runs: bench.runs * TIMES_AS_MANY, warmUp: true },
    );
    const time = (what: string) => ({ what, value: times.median(what), unit: "ms" }) as const;
    return measured(times.all, [
      atMost(bench, MOST_FIRST_MS, time(FIRST)),
      ...Object.keys(CHARTS).map((name) => atMost(bench, MOST_CHART_MS, time(name))),
      ...[...Object.keys(MADE_NOW), AGAIN, COIN_YEAR].map((name) =>
        atMost(bench, MOST_CHART_MS, { ...time(name), whyMissed: WHY_MISSED }),
      ),
    ]);
  },
};

/** How long a page that was just opened waits for a chart for the first time, and for the second. */
async function twice(
  bench: Bench,
  dataDir: string,
  path: string,
): Promise<[firstMs: number, againMs: number]> {
  await using fresh = await served(bench, dataDir);
  await fresh.ms("/api/overview");
  return [await fresh.ms(path), await fresh.ms(path)];
}

/** What a chart of so many days up to the last asks for. */
function chart([timeframe, days]: readonly [timeframe: string, days: number], symbol = "AAPL"): string {
  return `/api/bars?symbol=${symbol}&timeframe=${timeframe}&from=${addDays(LAST_DATE, -days)}&to=${LAST_DATE}`;
}

interface Served extends AsyncDisposable {
  /** How long the answers to these paths take, one after the other, to their last byte. */
  ms(...paths: readonly string[]): Promise<number>;
}

async function served({ binary }: Bench, dataDir: string): Promise<Served> {
  const child = Bun.spawn([binary, "view", "--no-open", `--data-dir=${dataDir}`, `--today=${LAST_DATE}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  const url = new TextDecoder().decode(value).split("\n")[0] ?? "";
  return {
    async ms(...paths) {
      const begunMs = performance.now();
      for (const path of paths) {
        const answer = await fetch(new URL(path, url));
        await answer.arrayBuffer();
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      }
      return performance.now() - begunMs;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await child.exited;
    },
  };
}
