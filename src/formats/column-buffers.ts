import type { Bar } from "../core/bar.ts";
import type { Series } from "./bar-encoder.ts";

/** Rows of a row group: engines read and skip whole groups, and one fits into memory many times over. */
export const ROWS_OF_GROUP = 100_000;

type Values = string[] | BigInt64Array | Float64Array | (number | null)[] | (bigint | null)[];

/** A column as the Parquet writer takes it. */
interface Column {
  readonly name: string;
  readonly data: Values;
  readonly encoding?: "DELTA_BINARY_PACKED";
}

/** Bars turned into columns, up to a row group of them; the room for one is taken once. */
export class ColumnBuffers {
  readonly #hasSeries: boolean;
  readonly #symbol: string[] = [];
  readonly #timeframe: string[] = [];
  readonly #timestamp = new BigInt64Array(ROWS_OF_GROUP);
  readonly #open = new Float64Array(ROWS_OF_GROUP);
  readonly #high = new Float64Array(ROWS_OF_GROUP);
  readonly #low = new Float64Array(ROWS_OF_GROUP);
  readonly #close = new Float64Array(ROWS_OF_GROUP);
  readonly #volume: (number | null)[] = [];
  readonly #vwap: (number | null)[] = [];
  readonly #trades: (bigint | null)[] = [];
  #rows = 0;

  constructor(hasSeries: boolean) {
    this.#hasSeries = hasSeries;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds bars from index `from` on, as many as there is room for; returns how many. */
  add({ symbol, timeframe }: Series, bars: readonly Bar[], from: number): number {
    const taken = bars.slice(from, from + ROWS_OF_GROUP - this.#rows);
    for (const bar of taken) {
      const row = this.#rows++;
      if (this.#hasSeries) {
        this.#symbol[row] = symbol;
        this.#timeframe[row] = timeframe;
      }
      this.#timestamp[row] = BigInt(bar.windowStartMs);
      this.#open[row] = bar.open;
      this.#high[row] = bar.high;
      this.#low[row] = bar.low;
      this.#close[row] = bar.close;
      this.#volume[row] = bar.volume;
      this.#vwap[row] = bar.vwap;
      this.#trades[row] = bar.transactions === null ? null : BigInt(bar.transactions);
    }
    return taken.length;
  }

  columns(): Column[] {
    const rows = this.#rows;
    const series = [
      { name: "symbol", data: this.#symbol.slice(0, rows) },
      { name: "timeframe", data: this.#timeframe.slice(0, rows) },
    ];
    return [
      ...(this.#hasSeries ? series : []),
      // Minutes follow each other: their differences take next to no room.
      { name: "timestamp", data: this.#timestamp.subarray(0, rows), encoding: "DELTA_BINARY_PACKED" },
      { name: "open", data: this.#open.subarray(0, rows) },
      { name: "high", data: this.#high.subarray(0, rows) },
      { name: "low", data: this.#low.subarray(0, rows) },
      { name: "close", data: this.#close.subarray(0, rows) },
      { name: "volume", data: this.#volume.slice(0, rows) },
      { name: "vwap", data: this.#vwap.slice(0, rows) },
      { name: "trades", data: this.#trades.slice(0, rows) },
    ];
  }

  clear(): void {
    this.#rows = 0;
  }
}
