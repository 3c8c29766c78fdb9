import { gzipSync } from "node:zlib";
import type { Sink } from "./bar-encoder.ts";

/**
 * Packs each piece as a gzip member of its own. A gzip file may consist of several (RFC 1952, 2.2), which gunzip, pandas,
 * DuckDB, Spark and ClickHouse read as one text; and no compressor has to be kept between the pieces.
 */
export function gzipPieces(sink: Sink): Sink {
  return (bytes) => sink(gzipSync(bytes));
}
