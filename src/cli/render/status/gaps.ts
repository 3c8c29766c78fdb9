import { plural } from "../../../core/format.ts";
import type { Gap, GapKind } from "../../../workflows/coverage/gaps.ts";
import { shellWord, type Again } from "../invocation.ts";

const WORDS: Readonly<Record<GapKind, string>> = {
  missing: "missing",
  partial: "partial",
  failed: "failed",
  suspicious: "worth a look",
  denied: "not in your plan",
};

const MAX_SYMBOLS_NAMED = 8;

/** The whole command that fills a gap, for the same cache. */
export function gapCommand({ command, flags }: Pick<Gap, "command" | "flags">, again: Again): string {
  return again(command, ` ${flags.map(shellWord).join(" ")}`);
}

/**
 * Gaps as lines: whose they are, the range, what it lacks and why, and below it the command that fills it. Symbols that
 * lack the same days for the same cause share a line. At most `most` lines.
 */
export function gapLines(gaps: readonly Gap[], again: Again, most: number): string {
  const alike = [
    ...Map.groupBy(gaps, (gap) => [gap.dataset, gap.kind, gap.from, gap.to, gap.cause].join("\n")).values(),
  ];
  const lines = alike.slice(0, most).flatMap((group) => (group[0] ? [lineOf(group[0], group, again)] : []));
  const more = alike.length - lines.length;
  if (more > 0) lines.push(`  … and ${plural(more, "more range")} (all with --gaps)\n`);
  return lines.join("");
}

function lineOf(gap: Gap, group: readonly Gap[], again: Again): string {
  const names = group.slice(0, MAX_SYMBOLS_NAMED).map(({ symbol }) => symbol);
  const more = group.length - names.length;
  const whose = `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const days = gap.days > 1 ? ` (${plural(gap.days, "day")})` : "";
  const range = gap.from === gap.to ? gap.from : `${gap.from} to ${gap.to}${days}`;
  return `  ${whose} ${range}: ${WORDS[gap.kind]}, ${gap.cause}\n    → ${gapCommand(shared(gap, group), again)}\n`;
}

/** The command for several symbols: names them, or, if they are many, means all that the cache keeps up to date. */
function shared(gap: Gap, group: readonly Gap[]): Pick<Gap, "command" | "flags"> {
  if (group.length === 1) return gap;
  const dataset = group.flatMap(({ flags }) => flags).find((flag) => flag.startsWith("--dataset="));
  const names = `--symbols=${group.map(({ ticker }) => ticker).join(",")}`;
  const named = group.length > MAX_SYMBOLS_NAMED ? [] : [names, ...(dataset === undefined ? [] : [dataset])];
  const flags = gap.flags.flatMap((flag) => {
    if (flag.startsWith("--dataset=")) return [];
    return flag.startsWith("--symbols=") ? named : [flag];
  });
  return { ...gap, flags };
}
