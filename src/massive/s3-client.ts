import { S3Client } from "@aws-sdk/client-s3";
import { BackfillError } from "../core/errors.ts";
import type { RetryPolicy } from "../core/retry.ts";
import { boundAnswers } from "./bounded-answers.ts";
import { systemClock, type Clock } from "./clock.ts";
import { HoldOff } from "./hold-off.ts";
import { Md5Thread } from "./md5-thread.ts";
import { Pace } from "./pace.ts";
import { RateLimit } from "./rate-limit.ts";
import type { Retry } from "./retry.ts";
import { Slots } from "./slots.ts";

export interface S3Settings {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface TransferOptions {
  /** Requests under way at once, over all files. */
  readonly connections: number;
  /** What all connections together may bring in a second; null: no limit. */
  readonly maxBytesPerSecond: number | null;
  /** No file is fetched in ranges smaller than this, for each request costs a round trip. */
  readonly minRangeBytes: number;
  /** And in none larger than this: a killed run fetches again what its connections had begun. */
  readonly maxRangeBytes: number;
  /** A request that brings nothing for so long is cut off and tried again. */
  readonly idleTimeoutMs: number;
  readonly retry: RetryPolicy;
  /** For a 403 after something could be read: the vendor also throttles with it. */
  readonly deniedRetry: RetryPolicy;
  /** For a server that asks us to slow down: how all connections wait, and how often in a row. */
  readonly slowDownRetry: RetryPolicy;
  readonly clock: Clock;
  /** Is told before each wait for another try. */
  readonly onRetry?: (retry: Retry) => void;
}

/** The vendor gives about 1 MB/s to a connection, and beyond a dozen connections little more in all. */
const DEFAULTS: TransferOptions = {
  connections: 16,
  maxBytesPerSecond: null,
  minRangeBytes: 1 << 20,
  maxRangeBytes: 8 << 20,
  idleTimeoutMs: 30_000,
  retry: { attempts: 6, baseDelayMs: 500, maxDelayMs: 15_000 },
  deniedRetry: { attempts: 4, baseDelayMs: 500, maxDelayMs: 4_000 },
  slowDownRetry: { attempts: 7, baseDelayMs: 1_000, maxDelayMs: 20_000 },
  clock: systemClock,
};

const CONNECT_TIMEOUT_MS = 10_000;

const MIN_CONNECTION_BYTES_PER_SECOND = 64 << 10;

/** A connection to the vendor's bucket of flat files. */
export interface FlatFiles {
  readonly client: S3Client;
  readonly bucket: string;
  readonly options: TransferOptions;
  readonly slots: Slots;
  readonly holdOff: HoldOff;
  readonly pace: Pace;
  readonly rateLimit: RateLimit | null;
  readonly md5Thread: Md5Thread;
  /** Whether an object could be read: from then on a 403 may be a throttle. */
  hasRead: boolean;
  /** Ends all connections; afterwards nothing can be downloaded. */
  close(): void;
}

/**
 * Opens the flat files; nothing is sent yet. The SDK's own retries are off: `withS3Retries` decides. Its handler
 * over node:http is kept: it reads as fast as fetch here, and unlike fetch does not follow redirects.
 * @throws BackfillError (settings, `bad-credentials`) for an access key that cannot be sent.
 */
export function openFlatFiles(settings: S3Settings, options: Partial<TransferOptions> = {}): FlatFiles {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = settings;
  if (!/^[!-~]+$/.test(accessKeyId)) throw unsendableKey();
  const transfer = { ...DEFAULTS, ...options };
  const { clock, maxBytesPerSecond } = transfer;
  const md5Thread = new Md5Thread();
  const agent = { keepAlive: true, maxSockets: transfer.connections };
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // Whatever the AWS_* variables and profiles of this computer say: they are about other servers.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    // The checksums that newer SDKs add by default break S3-compatible servers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent },
  });
  boundAnswers(client);
  return {
    client,
    bucket,
    options: transfer,
    slots: new Slots(worthwhileConnections(transfer)),
    holdOff: new HoldOff(transfer.clock, transfer.slowDownRetry),
    pace: new Pace(transfer),
    rateLimit: maxBytesPerSecond === null ? null : new RateLimit(clock, maxBytesPerSecond),
    md5Thread,
    hasRead: false,
    close() {
      client.destroy();
      md5Thread.close();
    },
  };
}

/** Under a low limit many connections would each wait so long between two reads that the server takes them for dead. */
function worthwhileConnections({ connections, maxBytesPerSecond }: TransferOptions): number {
  if (maxBytesPerSecond === null) return connections;
  return Math.min(connections, Math.ceil(maxBytesPerSecond / MIN_CONNECTION_BYTES_PER_SECOND));
}

function unsendableKey(): BackfillError {
  return new BackfillError({
    kind: "settings",
    code: "bad-credentials",
    help: "s3-keys",
    operation: "open the flat files",
    reason: "the S3 access key holds characters that no key has",
    nextStep: "Copy MASSIVE_AWS_ACCESS_KEY again from the Flat Files page of the Massive dashboard.",
  });
}
