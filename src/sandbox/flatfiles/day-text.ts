import { hasFractionalStocks } from "../market/generate.ts";
import { at, DayBars } from "../market/day-bars.ts";
import type { Market } from "../market/market.ts";
import { hashText } from "../market/random.ts";
import { badRowsAfter, breakRow, restamp } from "./damage.ts";
import type { Damage } from "./damage.ts";
import type { DayFile } from "./keys.ts";
import { RowWriter } from "./row-writer.ts";

const INDEX_COLUMNS = ["ticker", "open", "close", "high", "low", "window_start"];
const TRADE_COLUMNS = ["ticker", "volume", "open", "close", "high", "low", "window_start", "transactions"];
const CHUNK_BYTES = 1 << 18;

/** Fewest digits after the decimal point, as the vendor's samples show them. */
interface NumberForm {
  readonly priceDecimals: number;
  readonly volumeDecimals: number;
}

/** A run of rows of one ticker. Now and then the vendor has a ticker in two blocks that are not neighbours. */
interface Block {
  readonly ticker: string;
  readonly part: "whole" | "first" | "second";
}

/**
 * The CSV text of a day's file, in pieces of some hundred kilobytes: a header, then rows sorted by ticker and
 * time. Flat in memory: one ticker is worked out at a time.
 */
export function* dayText(market: Market, file: DayFile, damage: Damage): Generator<Uint8Array> {
  const columns = file.dataset === "indices" ? INDEX_COLUMNS : TRADE_COLUMNS;
  const writer = new RowWriter();
  const bars = new DayBars();
  const rows = new RowsOfDay(writer, bars, numberForm(file), columns, damage);
  writer.raw(Buffer.from(`${damage.header ?? columns.join(",")}\n`));
  const spoiled = damage.badRowTicker ?? market.tickers(file.dataset)[0];
  for (const { ticker, part } of blocksOf(market, file)) {
    market.fillBars(bars, file.dataset, ticker, file.date);
    const middle = bars.count >> 1;
    const start = part === "second" ? middle : 0;
    rows.write(ticker, start, part === "first" ? middle : bars.count, ticker === spoiled);
    if (writer.length >= CHUNK_BYTES) yield writer.take();
  }
  yield writer.take();
}

function numberForm(file: DayFile): NumberForm {
  if (hasFractionalStocks(file.dataset, file.date)) return { priceDecimals: 6, volumeDecimals: 6 };
  return { priceDecimals: file.dataset === "stocks" ? 1 : 0, volumeDecimals: 0 };
}

/** All tickers sorted by their bytes; on two days of three, one or two of them are cut in two blocks. */
function blocksOf(market: Market, file: DayFile): Block[] {
  const sorted = market.tickers(file.dataset).toSorted((a, b) => (a < b ? -1 : 1));
  const blocks: Block[] = sorted.map((ticker) => ({ ticker, part: "whole" }));
  const hash = hashText(`${file.dataset} ${file.date}`, market.seed);
  for (let cut = 0; cut < hash % 3; cut += 1) {
    const index = (hash >>> (4 + cut * 8)) % sorted.length;
    const ticker = sorted[index];
    const place = blocks.findIndex((block) => block.ticker === ticker);
    if (ticker === undefined || blocks[place]?.part !== "whole" || place + 2 > blocks.length) continue;
    const later = place + 2 + ((hash >>> 20) % (blocks.length - place - 1));
    blocks.splice(later, 0, { ticker, part: "second" });
    blocks[place] = { ticker, part: "first" };
  }
  return blocks;
}

class RowsOfDay {
  readonly #writer: RowWriter;
  readonly #bars: DayBars;
  readonly #form: NumberForm;
  readonly #columns: readonly string[];
  readonly #damage: Damage;
  readonly #damagesRows: boolean;

  constructor(
    writer: RowWriter,
    bars: DayBars,
    form: NumberForm,
    columns: readonly string[],
    damage: Damage,
  ) {
    this.#writer = writer;
    this.#bars = bars;
    this.#form = form;
    this.#columns = columns;
    this.#damage = damage;
    this.#damagesRows =
      damage.badRows !== undefined || damage.stamps !== undefined || damage.doubled === true;
  }

  /** Writes rows `start` to `end` (exclusive) of the bars now in `bars`. */
  write(ticker: string, start: number, end: number, spoiled: boolean): void {
    const tickerField = Buffer.from(`${ticker},`);
    for (let index = start; index < end; index += 1) {
      const rowStart = this.#writer.length;
      this.#row(tickerField, index);
      if (this.#damagesRows) this.#spoil(rowStart, index, spoiled);
    }
  }

  #row(tickerField: Uint8Array, index: number): void {
    const writer = this.#writer;
    const bars = this.#bars;
    writer.raw(tickerField);
    if (bars.hasVolume) {
      const micro = at(bars.volumeMicro, index);
      writer.decimal(at(bars.volumeWhole, index), micro, 6, this.#form.volumeDecimals);
      writer.comma();
    }
    this.#price(at(bars.open, index));
    this.#price(at(bars.close, index));
    this.#price(at(bars.high, index));
    this.#price(at(bars.low, index));
    writer.stampNs(bars.windowStartMs(index));
    if (bars.hasVolume) {
      writer.comma();
      writer.integer(at(bars.transactions, index));
    }
    writer.newline();
  }

  #price(ticks: number): void {
    const { decimals } = this.#bars;
    const scale = 10 ** decimals;
    const whole = Math.floor(ticks / scale);
    this.#writer.decimal(whole, ticks - whole * scale, decimals, this.#form.priceDecimals);
    this.#writer.comma();
  }

  #spoil(rowStart: number, index: number, spoiled: boolean): void {
    const { stamps, doubled } = this.#damage;
    const good = this.#writer.textFrom(rowStart).trimEnd();
    const line = stamps === undefined ? good : restamp(stamps, good, this.#columns);
    const bad = spoiled ? badRowsAfter(this.#damage, index, this.#bars.count) : [];
    const lines = [line, ...(doubled === true ? [line] : [])];
    for (const kind of bad) lines.push(breakRow(kind, line, this.#columns));
    this.#writer.rewind(rowStart);
    this.#writer.raw(Buffer.from(`${lines.join("\n")}\n`));
  }
}
