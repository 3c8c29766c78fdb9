/** What a day of a symbol is, in the form of `status --json`. */
export interface CoverageDay {
  readonly date: string;
  readonly state:
    | "closed"
    | "complete"
    | "absent"
    | "provisional"
    | "pending"
    | "denied"
    | "partial"
    | "missing"
    | "failed";
  readonly source: "flatfile" | "api" | null;
  readonly bars: number;
  readonly expected: number | null;
  readonly synced: boolean;
  readonly delayed: boolean;
  /** How many bars are usual, if there are far fewer; else null. */
  readonly usual: number | null;
  readonly missing: readonly { readonly from: string; readonly to: string }[];
  readonly note: string | null;
}

interface CoverageTotals {
  readonly missing: number;
  readonly partial: number;
  readonly failed: number;
  readonly bars: number;
  readonly flatfile: number;
  readonly api: number;
  readonly unsynced: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** A bar, in the form of `show --json`; `timestamp` is the start of its window, epoch ms. */
export interface ChartBar {
  readonly timestamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number | null;
  readonly incomplete: boolean;
}

/** The bars of a symbol over some days, in the form of `show --json`. */
export interface Chart {
  readonly symbol: string;
  readonly dataset: string;
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
  readonly made: "cached" | "now";
  readonly days: readonly {
    readonly date: string;
    readonly state: CoverageDay["state"];
    readonly source: "flatfile" | "api" | null;
    readonly provisional: boolean;
    readonly bars: number;
  }[];
  /** Minutes of the session without a bar, epoch ms with the end exclusive. */
  readonly holes: readonly { readonly from: number; readonly to: number; readonly minutes: number }[];
  /** Why there are no bars, in the word of `show --json`; null if there are some. */
  readonly withoutBars: string | null;
  readonly bars: readonly ChartBar[];
}

/** A symbol of the overview. */
export interface OverviewSymbol {
  readonly symbol: string;
  readonly ticker: string;
  readonly dataset: string;
  readonly first: string | null;
  readonly last: string | null;
}

export interface Overview {
  readonly version: string;
  readonly dataDir: string;
  readonly synthetic: boolean;
  readonly today: string;
  readonly from: string;
  readonly to: string;
  readonly timeframes: readonly string[];
  readonly symbols: readonly OverviewSymbol[];
}

export interface Coverage {
  readonly from: string;
  readonly to: string;
  readonly sync: { readonly target: string | null };
  readonly symbols: readonly {
    readonly symbol: string;
    readonly days: readonly CoverageDay[];
    readonly totals: CoverageTotals;
  }[];
}

export interface Outbox {
  readonly targets: readonly {
    readonly target: string;
    readonly unsyncedBatches: number;
    readonly unsyncedBars: number;
    readonly oldestUnsyncedAt: string | null;
    readonly lastError: { readonly error: string; readonly at: string } | null;
  }[];
}

export interface Run {
  readonly id: number;
  readonly command: string;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly state: "running" | "done" | "failed" | "killed";
  readonly error: string | null;
  readonly downloadedBytes: number;
  readonly requests: number;
  readonly barsCached: number;
  readonly barsSynced: number;
  readonly step: string | null;
  readonly stepUnit: string | null;
  readonly stepDone: number;
  readonly stepTotal: number | null;
}

export interface Runs {
  readonly runs: readonly Run[];
}
