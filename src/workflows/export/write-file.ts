import { join } from "node:path";
import type { BarEncoder, Sink } from "../../formats/bar-encoder.ts";
import { csvEncoder } from "../../formats/csv-bars.ts";
import { gzipPieces } from "../../formats/gzip-pieces.ts";
import { jsonlEncoder } from "../../formats/jsonl-bars.ts";
import { leanLines } from "../../formats/lean/lean-lines.ts";
import { parquetEncoder } from "../../formats/parquet-bars.ts";
import { zipBytes } from "../../formats/zip-bytes.ts";
import { writeFileInPieces, writeFileWhole } from "./atomic-file.ts";
import type { ExportOptions } from "./options.ts";
import { fingerprintOf, seriesOf, spanOf, type FilledPart, type PlannedFile } from "./planned-file.ts";
import { atOneMoment, filled, type BarReader } from "./read-bars.ts";
import type { ExportedFile } from "./state.ts";
import type { Cache } from "../../cache/cache.ts";

/**
 * Writes a file from what the cache has at this moment; null, and no file, if it has no bars for it any more.
 * @throws BackfillError (cache) if the disk does not take it; the signal's reason if that is aborted.
 */
export function writeExport(
  cache: Cache,
  file: PlannedFile,
  options: ExportOptions,
  reader: BarReader,
): Promise<ExportedFile | null> {
  return atOneMoment(cache, async () => {
    const parts = filled(cache, file.parts);
    const path = pathOf(options, file);
    const write = options.format === "lean" ? writeZip : writeRows;
    const written = await write(path, parts, options, reader);
    return written === null ? null : { ...written, ...spanOf(parts), fingerprint: fingerprintOf(parts) };
  });
}

/** Where a file of an export stands on the disk. */
export function pathOf({ isFolder, out }: ExportOptions, { path }: PlannedFile): string {
  return isFolder ? join(out, path) : out;
}

type Written = Pick<ExportedFile, "bars" | "sizeBytes"> | null;

async function writeRows(
  path: string,
  parts: readonly FilledPart[],
  options: ExportOptions,
  reader: BarReader,
): Promise<Written> {
  if (parts.every(({ days }) => days.length === 0)) return null;
  let bars = 0;
  const sizeBytes = await writeFileInPieces(path, async (sink) => {
    const encoder = encoderOf(options, sink);
    for (const each of parts)
      for await (const piece of reader.read(each)) {
        encoder.add(seriesOf(each.part), piece);
        bars += piece.length;
      }
    encoder.finish();
  });
  return { bars, sizeBytes };
}

function encoderOf({ format, isFolder, isGzip, compression }: ExportOptions, file: Sink): BarEncoder {
  const sink = isGzip ? gzipPieces(file) : file;
  // The path of a partition says whose bars it holds.
  const rows = { sink, hasSeries: !isFolder };
  if (format === "csv") return csvEncoder(rows);
  return format === "jsonl" ? jsonlEncoder(rows) : parquetEncoder({ ...rows, compression });
}

async function writeZip(
  path: string,
  parts: readonly FilledPart[],
  _: ExportOptions,
  reader: BarReader,
): Promise<Written> {
  const texts = new Map<string, string>();
  let bars = 0;
  for (const each of parts) {
    const entry = each.part.lean;
    if (entry === null) continue;
    let text = "";
    for await (const piece of reader.read(each)) {
      const ofDay = piece.filter(
        ({ windowStartMs }) => windowStartMs >= entry.fromMs && windowStartMs < entry.toMs,
      );
      text += leanLines(entry.lines, ofDay, entry.clockZeroMs);
      bars += ofDay.length;
    }
    if (text !== "") texts.set(entry.name, text);
  }
  if (texts.size === 0) return null;
  const bytes = zipBytes(texts);
  writeFileWhole(path, bytes);
  return { bars, sizeBytes: bytes.length };
}
