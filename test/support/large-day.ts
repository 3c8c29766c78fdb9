import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";

const HEADER = "ticker,open,close,high,low,window_start\n";
const MINUTE_NS = 60_000_000_000n;
const TICKER_LENGTH = 6;
/** Blocks of rows that are made once and used again: far enough apart that gzip cannot see the repetition. */
const BLOCKS = 40;

export interface LargeDay {
  readonly rawBytes: number;
  readonly rows: number;
}

export interface LargeDayOptions {
  readonly path: string;
  /** Start of the first minute, epoch ms. */
  readonly startMs: number;
  readonly tickers: number;
  readonly minutes: number;
  /** Tickers of six characters that stand among the others, in the order of the alphabet. */
  readonly named: readonly string[];
  /** Of gzip. 1 is quick and makes a third; 6 makes a fifth, as the vendor's files have it. */
  readonly level?: number;
}

/** The close of a named ticker in its minute number `minute`: what a test can compute on its own. */
export function closeOf(minute: number): number {
  return (100_000 + minute * 7) / 100;
}

/** Writes an index day of many tickers as .csv.gz, in the vendor's form, at about 200 MB of text a second. */
export async function writeLargeDay(options: LargeDayOptions): Promise<LargeDay> {
  const { path, tickers, minutes, named } = options;
  const stamps = Array.from({ length: minutes }, (_, minute) =>
    String(BigInt(options.startMs) * 1_000_000n + BigInt(minute) * MINUTE_NS),
  );
  const blocks = Array.from({ length: BLOCKS }, (_, block) => blockOf(stamps, block));
  const names = namesOf(tickers, named);
  let rawBytes = HEADER.length;
  function* text(): Generator<Uint8Array> {
    yield Buffer.from(HEADER);
    for (const [index, name] of names.entries()) {
      const bytes = named.includes(name) ? namedBlock(name, stamps) : renamed(blocks[index % BLOCKS], name);
      rawBytes += bytes.length;
      yield bytes;
    }
  }
  await pipeline(Readable.from(text()), createGzip({ level: options.level ?? 1 }), createWriteStream(path));
  return { rawBytes, rows: names.length * minutes };
}

function namesOf(count: number, named: readonly string[]): string[] {
  const invented = Array.from({ length: count - named.length }, (_, index) => `I:Q${letters(index)}`);
  return [...named, ...invented].toSorted();
}

function letters(index: number): string {
  return [676, 26, 1].map((unit) => String.fromCharCode(65 + (Math.floor(index / unit) % 26))).join("");
}

/** The rows of one ticker, with prices that no other block has; the ticker itself is put in later. */
function blockOf(stamps: readonly string[], block: number): { bytes: Buffer; starts: number[] } {
  const starts: number[] = [];
  let text = "";
  let cents = 100_000 + block * 9973;
  for (const [minute, stamp] of stamps.entries()) {
    starts.push(text.length);
    const step = ((minute * 7919 + block * 104_729) % 401) - 200;
    const [open, close] = [cents, cents + step];
    const [high, low] = [Math.max(open, close) + (minute % 17), Math.min(open, close) - (minute % 13)];
    cents = Math.max(50_000, close);
    text += `${"-".repeat(TICKER_LENGTH)},${open / 100},${close / 100},${high / 100},${low / 100},${stamp}\n`;
  }
  return { bytes: Buffer.from(text), starts };
}

function renamed(block: ReturnType<typeof blockOf> | undefined, name: string): Buffer {
  if (block === undefined || name.length !== TICKER_LENGTH) throw new Error(`no block for ${name}`);
  const bytes = Buffer.from(block.bytes);
  for (const start of block.starts) bytes.write(name, start, "latin1");
  return bytes;
}

function namedBlock(name: string, stamps: readonly string[]): Buffer {
  const rows = stamps.map((stamp, minute) => {
    const close = closeOf(minute);
    return `${name},${close},${close},${close},${close},${stamp}\n`;
  });
  return Buffer.from(rows.join(""));
}
