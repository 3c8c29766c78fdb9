import { DATASETS } from "../core/datasets.ts";
import type { Dataset } from "../core/datasets.ts";
import type { AnnouncedClosure } from "./rest/market-status.ts";
import type { RestPlan } from "./rest/service.ts";
import { DEFAULT_TICKERS } from "./tickers.ts";

/** What a look-alike is started with. */
export interface SandboxOptions {
  /** 0, the default, is any free port. */
  readonly port?: number;
  /** What the bars depend on besides their names; default 1. */
  readonly seed?: number;
  /** The look-alike's clock, epoch ms: what is published and which minutes are over. Default: the real time. */
  readonly nowMs?: () => number;
  /** Tickers it serves, as in the flat files; default: a short list for each dataset. */
  readonly tickers?: Partial<Record<Dataset, readonly string[]>>;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly apiKey?: string;
  readonly bucket?: string;
  readonly region?: string;
  /** First date that the plan may GET, for each dataset; null: nothing of it. Listing always shows everything. */
  readonly planFrom?: Partial<Record<Dataset, string | null>>;
  /** What the REST key may do; default: everything. */
  readonly rest?: RestPlan;
  /** Closures and early closes that the exchanges announce beyond their rules; default: none. */
  readonly announced?: readonly AnnouncedClosure[];
  /** First date with flat files; default: the vendor's for each dataset. */
  readonly historyFrom?: string;
  /** Most keys of one page of a listing; default 1000. */
  readonly listPageSize?: number;
  /** ETags of the form that multipart uploads get, which are no MD5; default false. */
  readonly multipartEtags?: boolean;
  /** Largest rate of every body, for each connection of its own; default: none. */
  readonly bytesPerSecond?: number;
}

/** `SandboxOptions` with its defaults. */
export interface ResolvedOptions {
  readonly port: number;
  readonly seed: number;
  readonly nowMs: () => number;
  readonly tickers: Readonly<Record<Dataset, readonly string[]>>;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly apiKey: string;
  readonly bucket: string;
  readonly region: string;
  readonly planFrom: Partial<Record<Dataset, string | null>>;
  readonly rest: RestPlan;
  readonly announced: readonly AnnouncedClosure[];
  readonly historyFrom: string | undefined;
  readonly listPageSize: number;
  readonly multipartEtags: boolean;
  readonly bytesPerSecond: number | undefined;
}

export function resolveOptions(options: SandboxOptions): ResolvedOptions {
  return {
    port: 0,
    seed: 1,
    nowMs: Date.now,
    accessKeyId: "SANDBOX-ACCESS-KEY",
    secretAccessKey: "sandbox-secret-key",
    apiKey: "sandbox-api-key",
    bucket: "flatfiles",
    region: "us-east-1",
    planFrom: {},
    rest: {},
    announced: [],
    historyFrom: undefined,
    listPageSize: 1000,
    multipartEtags: false,
    bytesPerSecond: undefined,
    ...options,
    tickers: resolveTickers(options.tickers ?? {}),
  };
}

function resolveTickers(
  given: Partial<Record<Dataset, readonly string[]>>,
): Readonly<Record<Dataset, readonly string[]>> {
  const tickers = { ...DEFAULT_TICKERS };
  for (const dataset of DATASETS) {
    const listed = given[dataset];
    if (listed !== undefined) tickers[dataset] = [...new Set(listed)];
  }
  return tickers;
}
