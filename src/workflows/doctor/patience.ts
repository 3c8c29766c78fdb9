import type { RestOptions } from "../../massive/rest-client.ts";
import type { TransferOptions } from "../../massive/s3-client.ts";

/** Who asks a doctor waits for the answer: one more try, and no more than some seconds in all. */
const ONE_MORE_TRY = { attempts: 2, baseDelayMs: 200, maxDelayMs: 500 };

export const S3_PATIENCE: Partial<TransferOptions> = {
  retry: ONE_MORE_TRY,
  deniedRetry: ONE_MORE_TRY,
  slowDownRetry: ONE_MORE_TRY,
  idleTimeoutMs: 5000,
};

export const REST_PATIENCE: Partial<RestOptions> = { retry: ONE_MORE_TRY, timeoutMs: 5000 };

export const CONNECT_TIMEOUT_MS = 5000;
