import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import { dayBarsKey } from "./flat-file-keys.ts";
import type { FlatFiles } from "./s3-client.ts";
import { withS3Retries } from "./s3-request.ts";

/**
 * The flat file with one row a ticker, the day as a whole, as it is published (gzip); null if it is not. It has less than
 * a megabyte, so it is held in memory.
 * @throws BackfillError (settings, `not-entitled` if the plan does not include it; source); the reason of `signal`.
 */
export async function fetchDayFile(
  flatFiles: FlatFiles,
  dataset: Dataset,
  date: string,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const key = dayBarsKey(dataset, date);
  try {
    return await withS3Retries(flatFiles, { operation: `get ${key}`, signal }, async (attempt) => {
      const request = { Bucket: flatFiles.bucket, Key: key };
      const { Body } = await flatFiles.client.send(new GetObjectCommand(request), {
        abortSignal: attempt.signal,
      });
      const bytes = await Body?.transformToByteArray();
      flatFiles.hasRead = true;
      return bytes ?? new Uint8Array();
    });
  } catch (error) {
    if (error instanceof BackfillError && error.code === "not-published") return null;
    throw error;
  }
}
