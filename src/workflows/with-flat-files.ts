import type { Settings } from "../core/settings.ts";
import { openFlatFiles, type FlatFiles } from "../massive/s3-client.ts";

/** Does `work` with an open connection to the flat files, and closes it whatever happens. */
export async function withFlatFiles<T>(
  s3: NonNullable<Settings["s3"]>,
  work: (flatFiles: FlatFiles) => Promise<T>,
): Promise<T> {
  const flatFiles = openFlatFiles(s3);
  try {
    return await work(flatFiles);
  } finally {
    flatFiles.close();
  }
}
