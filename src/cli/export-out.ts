import { statSync, type Stats } from "node:fs";
import { extname } from "node:path";
import { EXPORT_FORMATS, type ExportFormat } from "../workflows/export/options.ts";
import { textFlag, usage, type FlagValues } from "./flags.ts";

/** What a file is by its name. */
export interface FileKind {
  readonly format: ExportFormat;
  readonly isGzip: boolean;
}

/**
 * The path of `--out`, as it was written.
 * @throws BackfillError (usage) if there is none.
 */
export function outFlag(flags: FlagValues): string {
  const out = textFlag(flags, "out");
  if (out === undefined || out === "")
    throw usage("out", "it is needed", "Write --out=bars.parquet for one file, --out=lake for a folder.");
  if (out === "-")
    throw usage(
      "out",
      "- is no file, and bars are not written to the screen",
      "Write to a file: --out=bars.csv.",
    );
  const there = seen(out);
  if (there !== null && !there.isFile() && !there.isDirectory())
    throw usage(
      "out",
      `${out} is no file, and bars are not written to a screen or a pipe`,
      "Write to a file: --out=bars.csv.",
    );
  return out;
}

/** What a file is by its name; null for a folder. */
export function fileKind(path: string): FileKind | null {
  const [, format, gzip] = /\.(parquet|csv|jsonl)(\.gz)?$/i.exec(path) ?? [];
  const known = EXPORT_FORMATS.find((each) => each === format?.toLowerCase());
  if (known === undefined || (known === "parquet" && gzip !== undefined)) return null;
  return { format: known, isGzip: gzip !== undefined };
}

/**
 * Makes sure that what is to be a folder is not named like a file of another kind, unless it is there.
 * @throws BackfillError (usage) that says which name goes with the format.
 */
export function refuseFileName(out: string, format: ExportFormat, isFormatNamed: boolean): void {
  const ending = extname(out);
  if (!/^\.[a-z]/i.test(ending) || out.endsWith("/") || isFolder(out)) return;
  const bare = out.slice(0, -ending.length).replace(/\.(parquet|csv|jsonl)$/i, "");
  const name = format === "lean" ? bare : `${bare}.${format}`;
  const others = isFormatNamed ? "" : " (or .csv, .jsonl, .csv.gz, .jsonl.gz)";
  throw usage(
    "out",
    `${out} ends in ${ending}, and ${ENDINGS[format]}`,
    `Write --out=${name}${others}; for a folder of that name, --out=${out}/.`,
  );
}

const ENDINGS: Readonly<Record<ExportFormat, string>> = {
  parquet: "a parquet file ends in .parquet",
  csv: "a csv file ends in .csv or .csv.gz",
  jsonl: "a jsonl file ends in .jsonl or .jsonl.gz",
  lean: "Lean's files are a folder",
};

function isFolder(path: string): boolean {
  return seen(path)?.isDirectory() === true;
}

/** What stands at a path; null if nothing does, or nothing that may be seen. */
function seen(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
