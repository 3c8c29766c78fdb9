import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Bar } from "../core/bar.ts";
import type { BarEncoder, EncoderOptions, Series, Sink } from "./bar-encoder.ts";
import { ColumnBuffers, ROWS_OF_GROUP } from "./column-buffers.ts";
import { parquetSchema } from "./parquet-schema.ts";

export const PARQUET_COMPRESSIONS = ["zstd", "snappy", "none"] as const;

export type ParquetCompression = (typeof PARQUET_COMPRESSIONS)[number];

const CODECS = { zstd: "ZSTD", snappy: "SNAPPY", none: "UNCOMPRESSED" } as const;
const COMPRESSORS = { ZSTD: (bytes: Uint8Array) => Bun.zstdCompressSync(bytes) };

export interface ParquetOptions extends EncoderOptions {
  readonly compression: ParquetCompression;
}

/**
 * Writes bars as Parquet: a row group after each 100,000 rows, with the statistics by which engines skip what a query does
 * not ask for. Memory is that of one row group. Nothing in the file tells when it was written: the same bars give the
 * same bytes.
 */
export function parquetEncoder({ sink, hasSeries, compression }: ParquetOptions): BarEncoder {
  const writer = new ParquetWriter({
    writer: new SinkWriter(sink),
    schema: parquetSchema(hasSeries),
    codec: CODECS[compression],
    compressors: COMPRESSORS,
    createdBy: "massive-backfill",
  });
  const buffers = new ColumnBuffers(hasSeries);
  const writeGroup = () => {
    if (buffers.rows === 0) return;
    // The writer below is not asynchronous, and so neither is this.
    void writer.write({ columnData: buffers.columns(), rowGroupSize: ROWS_OF_GROUP });
    buffers.clear();
  };
  return {
    add(series: Series, bars: readonly Bar[]) {
      for (let done = 0; done < bars.length;) {
        done += buffers.add(series, bars, done);
        if (buffers.rows === ROWS_OF_GROUP) writeGroup();
      }
    },
    finish() {
      writeGroup();
      void writer.finish();
    },
  };
}

/** Hands the bytes over after each row group and at the end. */
class SinkWriter extends ByteWriter {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    super(1 << 20);
    this.#sink = sink;
  }

  flush(): void {
    this.#sink(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}
