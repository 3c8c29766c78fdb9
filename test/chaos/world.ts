import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../../src/core/datasets.ts";
import { eveningMs } from "../../src/core/publication.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { newDatabase } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startStrikeProxy, type StrikeProxy } from "../support/strike-proxy.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { apiTruthOf, sandboxAt, sessionDates, truthOf } from "../support/truth.ts";
import { COARSER } from "./coarser.ts";
import type { Draw } from "./draw.ts";

/** The first day of every backfill. */
const FROM = "2024-10-28";
/** Evenings that can be lived through: the first is that of the first backfill of a cache. */
const EVENINGS = sessionDates("SPX", "2024-11-07", "2024-11-21");
const SYMBOLS_AT_FIRST = ["AAPL", "NDX", "SPX"];
const SYMBOLS_LATER = ["MSFT", "VIX"];
const DATASETS: readonly [Dataset, Dataset] = ["indices", "stocks"];
/** How many of the last published days a run lists again, less one for the clock's sake. */
const DAYS_LISTED_AGAIN = 5;

/** A vendor, a database and a cache, over some evenings; then everything but the vendor's history begins anew. */
export class World implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly proxy: StrikeProxy;
  readonly #postgres: TestPostgres;
  readonly #clock: { today: string };
  #dir: TempDir = tempDir();
  #databases = 0;
  #evening = 0;
  #symbols: readonly string[] = SYMBOLS_AT_FIRST;
  #held: { readonly dataset: Dataset; readonly date: string } | null = null;
  #storedIn = "";
  #reachedBy = "";

  constructor(sandbox: Sandbox, postgres: TestPostgres, proxy: StrikeProxy, clock: { today: string }) {
    this.sandbox = sandbox;
    this.proxy = proxy;
    this.#postgres = postgres;
    this.#clock = clock;
  }

  get dataDir(): string {
    return join(this.#dir.path, "data");
  }

  get cwd(): string {
    return this.#dir.path;
  }

  /** The database itself, past the proxy. */
  get databaseUrl(): string {
    return this.#storedIn;
  }

  get symbols(): readonly string[] {
    return this.#symbols;
  }

  /** What the program works with: the look-alike's settings, and the database through the proxy. */
  get env(): Record<string, string> {
    return { ...this.sandbox.environment, DATABASE_URL: this.#reachedBy };
  }

  /** The command of the evening. */
  get command(): string[] {
    const { today } = this.#clock;
    return [
      "hybrid",
      `--symbols=${this.#symbols.join(",")}`,
      `--timeframes=${Object.keys(COARSER).join(",")}`,
      `--from=${FROM}`,
      `--to=${today}`,
      `--today=${today}`,
    ];
  }

  /** An empty cache and an empty database, on the first evening. */
  async beginAnew(): Promise<void> {
    rmSync(this.dataDir, { recursive: true, force: true });
    this.#databases += 1;
    this.#storedIn = await newDatabase(this.#postgres, `chaos_${this.#databases}`);
    const through = new URL(this.#storedIn);
    through.port = String(this.proxy.port);
    this.#reachedBy = through.href;
    this.#evening = 0;
    this.#symbols = SYMBOLS_AT_FIRST;
    this.#turnTo(0);
  }

  /** The next evening: a file more, some that were published anew, one that is late, perhaps another symbol. */
  liveOn(draw: Draw): void {
    this.#turnTo(this.#evening + 1);
    const published = sessionDates("SPX", FROM, this.#clock.today).slice(0, -1);
    for (let count = draw.below(3); count > 0; count--) {
      // The API is not asked again for a day whose file is late.
      const date = published.at(-2 - draw.below(DAYS_LISTED_AGAIN));
      if (date !== undefined)
        this.sandbox.republish(draw.oneOf(DATASETS), date, [...SYMBOLS_AT_FIRST.map(tickerOf), "I:VIX"]);
    }
    const late = published.at(-1);
    if (late !== undefined && draw.percent(30)) {
      this.#held = { dataset: draw.oneOf(DATASETS), date: late };
      this.sandbox.hold(this.#held.dataset, late);
    }
    const newSymbol = SYMBOLS_LATER.find((symbol) => !this.#symbols.includes(symbol));
    if (newSymbol !== undefined && draw.percent(30))
      this.#symbols = [...this.#symbols, newSymbol].toSorted((a, b) => a.localeCompare(b));
  }

  /** The bars that a finished run of this evening leaves, as lines: of the API where there is no file yet. */
  async truth(): Promise<string[]> {
    const { today } = this.#clock;
    const lines: string[] = [];
    for (const symbol of this.#symbols)
      for (const date of sessionDates(symbol, FROM, today)) {
        const isLate = this.#held?.date === date && this.#held.dataset === datasetOf(symbol);
        if (date === today || isLate)
          lines.push(...(await apiTruthOf(this.sandbox, symbol, date, eveningMs(today))));
        else lines.push(...truthOf(this.sandbox, symbol, [date]));
      }
    return lines;
  }

  #turnTo(evening: number): void {
    // Not `release`, which would be an hour that the next first evening has not come to.
    if (this.#held !== null) this.sandbox.hold(this.#held.dataset, this.#held.date, 0);
    this.#held = null;
    this.#evening = evening;
    this.#clock.today = EVENINGS[evening] ?? EVENINGS[0] ?? FROM;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await Promise.all([this.sandbox.stop(), this.#postgres.remove()]);
    this.#dir[Symbol.dispose]();
  }
}

/** A world on its first evening. */
export async function startWorld(): Promise<World> {
  const clock = { today: EVENINGS[0] ?? FROM };
  const [sandbox, postgres] = await Promise.all([sandboxAt(() => clock.today), startPostgres()]);
  const proxy = await startStrikeProxy(postgres.port);
  const world = new World(sandbox, postgres, proxy, clock);
  await world.beginAnew();
  return world;
}

function datasetOf(symbol: string): Dataset {
  return symbol === "AAPL" || symbol === "MSFT" ? "stocks" : "indices";
}

function tickerOf(symbol: string): string {
  return datasetOf(symbol) === "indices" ? `I:${symbol}` : symbol;
}
