import type { Progress } from "../core/progress.ts";
import type { Settings } from "../core/settings.ts";
import { openFlatFiles, type FlatFiles, type TransferOptions } from "../massive/s3-client.ts";
import { retryNotice } from "./retry-notice.ts";

/** How much of the link a run may use; what is left out is the default. */
export type TransferLimits = Partial<Pick<TransferOptions, "connections" | "maxBytesPerSecond">>;

/** Does `work` with an open connection to the flat files, and closes it whatever happens. */
export async function withFlatFiles<T>(
  s3: NonNullable<Settings["s3"]>,
  limits: TransferLimits,
  progress: Progress,
  work: (flatFiles: FlatFiles) => Promise<T>,
): Promise<T> {
  const flatFiles = openFlatFiles(s3, { ...limits, onRetry: retryNotice(progress) });
  try {
    return await work(flatFiles);
  } finally {
    flatFiles.close();
  }
}
