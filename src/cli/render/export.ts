import { formatBytes, formatCount, formatDuration, plural } from "../../core/format.ts";
import { leftOutText } from "../../workflows/export/left-out.ts";
import type { ExportResult } from "../../workflows/export/options.ts";

/** What an export came to, as text. */
export function exportText(result: ExportResult, durationMs: number): string {
  const { out, files, bars, bytes, symbols, leftOut, timeframes, from, to } = result;
  const others = [
    ...(files.unchanged > 0 ? [`${formatCount(files.unchanged)} unchanged`] : []),
    ...(files.deleted > 0 ? [`${formatCount(files.deleted)} deleted`] : []),
  ];
  const about = `${plural(symbols.length, "symbol")}, ${timeframes.join(", ")}, ${from ?? "…"} to ${to ?? "…"}`;
  const lacking = leftOut.length === 0 ? [] : [leftOutText(leftOut).replace(/^l/, "L")];
  if (files.written === 0)
    return [`${out} is up to date (${[about, ...others].join("; ")})`, ...lacking, ""].join("\n");
  const rate = bars / (Math.max(durationMs, 1) / 1000);
  return [
    `Wrote ${plural(bars, "bar")} (${about}) to ${out}`,
    `${[plural(files.written, "file"), ...others].join(", ")}; ${formatBytes(bytes)} in ${formatDuration(durationMs)} (${formatCount(rate)} bars/s)`,
    ...lacking,
    "",
  ].join("\n");
}
