import type { Dataset } from "../../core/datasets.ts";
import type { Plan } from "./plan.ts";
import { pagesOf } from "./requests.ts";

/** How fast things go here. */
export interface Speeds {
  readonly downloadBytesPerSecond: number;
  /** Of flat files that are here already. */
  readonly readBytesPerSecond: number;
  readonly requestMs: number;
  /** Time between two requests of one asset class, as the user has set it; 0 without a limit. */
  readonly spacingMs: number;
  /** Whether earlier runs on this machine say so; else it is what one may expect. */
  readonly measured: boolean;
}

/** What a plan takes. */
export interface PlanCost {
  /** Flat files to download. */
  readonly files: number;
  readonly bytes: number;
  /** Of those, bytes that are here from an earlier run. */
  readonly resumedBytes: number;
  /** Flat files that lie in the data directory. */
  readonly reused: number;
  /** Requests to the REST API, at most as many for tickers that trade seldom. */
  readonly requests: number;
  readonly seconds: number;
}

/** What a plan takes. Downloading and reading go side by side, requests follow. */
export function costOf(plan: Pick<Plan, "files" | "requests">, speeds: Speeds, resumedBytes = 0): PlanCost {
  let [files, bytes, reused, reusedBytes] = [0, 0 - resumedBytes, 0, 0];
  for (const { file } of plan.files)
    if (file.local) {
      reused++;
      reusedBytes += file.sizeBytes;
    } else {
      files++;
      bytes += file.sizeBytes;
    }
  const byDataset = new Map<Dataset, number>();
  for (const request of plan.requests) {
    const { dataset } = request.symbol;
    byDataset.set(dataset, (byDataset.get(dataset) ?? 0) + pagesOf(request));
  }
  const requests = [...byDataset.values()].reduce((sum, count) => sum + count, 0);
  // The first is not waited for.
  const spacedMs = Math.max(0, Math.max(0, ...byDataset.values()) - 1) * speeds.spacingMs;
  const seconds =
    bytes / speeds.downloadBytesPerSecond +
    reusedBytes / speeds.readBytesPerSecond +
    Math.max(requests * speeds.requestMs, spacedMs) / 1000;
  return { files, bytes, resumedBytes, reused, requests, seconds };
}
