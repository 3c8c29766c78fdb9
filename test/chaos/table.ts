import { PHASES } from "./moments.ts";
import type { Round } from "./round.ts";

const HEADER = [
  "killed while",
  "kills",
  "next run finished",
  "cache = truth",
  "Postgres = truth",
  "next run: median",
  "longest",
];

/** The rounds by phase, as a table in Markdown, with a line for all. */
export function chaosTable(rounds: readonly Round[]): string {
  const groups = PHASES.map((phase) => [phase, rounds.filter((round) => round.phase === phase)] as const);
  const rows = [...groups.filter(([, group]) => group.length > 0), ["all", rounds] as const];
  return [HEADER, HEADER.map(() => "---"), ...rows.map(([name, group]) => cellsOf(name, group))]
    .map((cells) => `| ${cells.join(" | ")} |\n`)
    .join("");
}

function cellsOf(name: string, rounds: readonly Round[]): string[] {
  const times = rounds.map(({ nextRunMs }) => nextRunMs).toSorted((a, b) => a - b);
  const count = (holds: (round: Round) => boolean) => String(rounds.filter(holds).length);
  return [
    name,
    String(rounds.length),
    count(({ finished }) => finished),
    count(({ cacheIsTrue }) => cacheIsTrue),
    count(({ postgresIsTrue }) => postgresIsTrue),
    seconds(times[(times.length - 1) >> 1]),
    seconds(times.at(-1)),
  ];
}

function seconds(ms = 0): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
