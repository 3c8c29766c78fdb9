import type { Bar } from "../core/bar.ts";
import type { Series } from "./bar-encoder.ts";

/** Rows of a row group: engines read and skip whole groups, and one fits into memory many times over. */
export const ROWS_OF_GROUP = 100_000;

type Values = string[] | bigint[] | number[] | (number | null)[] | (bigint | null)[];

/** A column as the Parquet writer takes it. */
interface Column {
  readonly name: string;
  readonly data: Values;
  readonly encoding?: "DELTA_BINARY_PACKED";
}

/** Bars turned into columns, up to a row group of them. */
export class ColumnBuffers {
  readonly #hasSeries: boolean;
  #symbol: string[] = [];
  #timeframe: string[] = [];
  #timestamp: bigint[] = [];
  #open: number[] = [];
  #high: number[] = [];
  #low: number[] = [];
  #close: number[] = [];
  #volume: (number | null)[] = [];
  #vwap: (number | null)[] = [];
  #trades: (bigint | null)[] = [];

  constructor(hasSeries: boolean) {
    this.#hasSeries = hasSeries;
  }

  get rows(): number {
    return this.#timestamp.length;
  }

  /** Adds bars from index `from` on, as many as there is room for; returns how many. */
  add({ symbol, timeframe }: Series, bars: readonly Bar[], from: number): number {
    const taken = bars.slice(from, from + ROWS_OF_GROUP - this.rows);
    for (const bar of taken) {
      if (this.#hasSeries) {
        this.#symbol.push(symbol);
        this.#timeframe.push(timeframe);
      }
      this.#timestamp.push(BigInt(bar.windowStartMs));
      this.#open.push(bar.open);
      this.#high.push(bar.high);
      this.#low.push(bar.low);
      this.#close.push(bar.close);
      this.#volume.push(bar.volume);
      this.#vwap.push(bar.vwap);
      this.#trades.push(bar.transactions === null ? null : BigInt(bar.transactions));
    }
    return taken.length;
  }

  columns(): Column[] {
    const series = [
      { name: "symbol", data: this.#symbol },
      { name: "timeframe", data: this.#timeframe },
    ];
    return [
      ...(this.#hasSeries ? series : []),
      // Minutes follow each other: their differences take next to no room.
      { name: "timestamp", data: this.#timestamp, encoding: "DELTA_BINARY_PACKED" },
      { name: "open", data: this.#open },
      { name: "high", data: this.#high },
      { name: "low", data: this.#low },
      { name: "close", data: this.#close },
      { name: "volume", data: this.#volume },
      { name: "vwap", data: this.#vwap },
      { name: "trades", data: this.#trades },
    ];
  }

  clear(): void {
    this.#symbol = [];
    this.#timeframe = [];
    this.#timestamp = [];
    this.#open = [];
    this.#high = [];
    this.#low = [];
    this.#close = [];
    this.#volume = [];
    this.#vwap = [];
    this.#trades = [];
  }
}
