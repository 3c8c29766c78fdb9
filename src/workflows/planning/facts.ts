import type { Dataset } from "../../core/datasets.ts";
import type { BackfillError } from "../../core/errors.ts";
import type { FlatFile } from "../../core/flat-file.ts";
import type { SymbolSelection, TrackedSymbol } from "../../core/symbols.ts";

/** A flat file that can be read: one the vendor has published, or one that lies in the data directory. */
export interface AvailableFile extends FlatFile {
  /** Whether exactly this version lies in the data directory. */
  readonly local: boolean;
}

/** What the manifest knows of one symbol on one date. */
export interface KnownBatch {
  readonly source: "flatfile" | "api" | "derived";
  /** ETag of the flat file it was read from; null for other sources. */
  readonly etag: string | null;
  readonly barCount: number;
  readonly sessionBarCount: number;
  readonly readAtMs: number;
}

/** What the vendor is known to refuse, since the subscription does not include it. */
export interface Refusal {
  /** The last date that is refused, as are those before it. */
  readonly to: string;
  /** How the vendor put it. */
  readonly sentence: string;
  readonly seenAtMs: number;
}

/**
 * Which way a dataset's days come.
 * `files first` flat files for what is published, the API for the rest (the guide's rule) · `files only` ·
 * `API first` the API, flat files for what it refuses and for what was read from one before · `API only`.
 */
export type Route = "files first" | "files only" | "API first" | "API only";

/** All that a plan depends on. */
export interface PlanFacts {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  /**
   * From this date to the day before `from`, days that the cache has are looked at again: a flat file may have taken
   * the place of API bars, or of an earlier flat file. `from` if there are none.
   */
  readonly revisitFrom: string;
  /** The moment the plan is made for, epoch ms, and its date in New York. */
  readonly nowMs: number;
  readonly today: string;
  /** Which way each dataset's days come. */
  readonly route: (dataset: Dataset) => Route;
  /** Flat files by dataset and date; a dataset without an entry has no flat files to offer. */
  readonly files: ReadonlyMap<Dataset, ReadonlyMap<string, AvailableFile>>;
  /**
   * What became of the S3 listing where it was asked for: then a date that `files` lacks is not published. The error
   * of a listing that could not be read.
   */
  readonly listings: ReadonlyMap<Dataset, "read" | BackfillError>;
  /** Flat files that the vendor refuses. */
  readonly fileRefusals: ReadonlyMap<Dataset, Refusal>;
  /** Whether the REST API may be asked, and what it refuses. */
  readonly api: boolean;
  readonly apiRefusal: (symbol: TrackedSymbol) => Refusal | null;
  readonly batch: (symbol: TrackedSymbol, date: string) => KnownBatch | null;
  /**
   * Whether every ticker of this version of a day (of any, if the ETag is null) was read, so that one without a
   * batch is absent.
   */
  readonly allTickersRead: (dataset: Dataset, date: string, etag: string | null) => boolean;
}
