import { DaySeries } from "../../../src/cache/day-series.ts";
import type { DayProblem } from "../../../src/cache/problems.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { epochDayOf } from "../../../src/core/dates.ts";
import type { SessionHole } from "../../../src/core/session-holes.ts";
import { trackedSymbol } from "../../../src/core/symbols.ts";
import { dayFacts } from "../../../src/workflows/coverage/day-facts.ts";
import { SymbolCoverage, type CoverageDay } from "../../../src/workflows/coverage/symbol-coverage.ts";

/** What the cache knows of one symbol on one date. */
export interface OneDay {
  readonly dataset: Dataset;
  readonly date: string;
  readonly nowMs: number;
  readonly batch: {
    readonly source: "flatfile" | "api" | "derived";
    readonly barCount: number;
    readonly sessionBarCount: number;
    readonly readAtMs: number;
    readonly isDelayed: number;
  } | null;
  readonly allTickersRead: boolean;
  readonly problem: DayProblem | null;
  readonly synced: boolean;
  readonly holes?: readonly SessionHole[];
}

const SOURCE_MARKS = { flatfile: 0, api: 1, derived: 2 };

/** The coverage of that day. */
export function coverageDay({ dataset, date, nowMs, batch, holes, ...facts }: OneDay): CoverageDay {
  const packed =
    batch === null
      ? ""
      : String.fromCharCode(
          epochDayOf(date),
          batch.barCount + 1,
          batch.sessionBarCount + 1,
          1 + SOURCE_MARKS[batch.source] + 4 * batch.isDelayed,
        );
  return new SymbolCoverage(trackedSymbol(dataset, "ANY"), {
    days: dayFacts(dataset, date, date, nowMs),
    series: new DaySeries(packed, () => batch?.readAtMs ?? 0),
    before: [],
    nowMs,
    allTickersRead: () => facts.allTickersRead,
    problem: () => facts.problem,
    isSynced: () => facts.synced,
    hasTarget: true,
    holes: () => holes ?? [],
  }).day(0);
}
