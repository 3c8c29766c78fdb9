import { LineFilter, type FoundLines } from "../../src/csv/line-filter.ts";
import type { LineRun } from "../../src/csv/line-run.ts";
import { chunksOf } from "./parse-text.ts";

export interface FindingOptions {
  readonly wants: (firstField: string) => boolean;
  /** All wanted first fields, for a filter that may search for them. */
  readonly few?: ReadonlySet<string>;
  /** Where in its file the text begins. */
  readonly startByte?: number;
  /** Sizes of the chunks in bytes, used over and over. */
  readonly chunkSizes?: readonly number[];
}

/** What a line filter finds in all of some bytes. */
export function foundIn(bytes: Uint8Array, options: FindingOptions): FoundLines {
  const filter = new LineFilter(options.wants, options.few ?? null, options.startByte ?? 0);
  const found: FoundLines[] = [];
  for (const chunk of chunksOf(bytes, options.chunkSizes ?? [bytes.length || 1]))
    found.push(filter.push(chunk));
  found.push(filter.finish());
  return { text: found.map(({ text }) => text).join(""), runs: found.flatMap(({ runs }) => runs) };
}

/** The text that stands at some runs, whose bytes begin at `startByte` of their file. */
export function linesAt(bytes: Buffer, runs: readonly LineRun[], startByte: number = 0): string {
  return runs.map(({ start, end }) => bytes.toString("utf8", start - startByte, end - startByte)).join("");
}
