import type { RetryPolicy } from "../../src/core/retry.ts";
import type { Clock } from "../../src/massive/clock.ts";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { listMonth } from "../../src/massive/flat-files.ts";
import { openRest, type RestClient, type RestOptions } from "../../src/massive/rest-client.ts";
import { openFlatFiles, type FlatFiles, type TransferOptions } from "../../src/massive/s3-client.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";

/** Monday 2024-11-25, 15:00 in New York: Friday's files are there, today's are not. */
export const MONDAY_MS = Date.parse("2024-11-25T20:00:00Z");
export const FRIDAY = "2024-11-22";
export const FRIDAY_KEY = "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz";

/** Delays of the tries of a test: none is waited for, for the clock is a fake one. */
export const RETRY: RetryPolicy = { attempts: 4, baseDelayMs: 100, maxDelayMs: 1000 };

export interface FakeClock extends Clock {
  /** What was waited for, ms. */
  readonly sleeps: number[];
}

/** A clock that goes on only when somebody sleeps, and then at once. */
export function fakeClock(): FakeClock {
  const sleeps: number[] = [];
  let nowMs = 0;
  return {
    sleeps,
    now: () => nowMs,
    async sleep(ms) {
      sleeps.push(ms);
      nowMs += ms;
    },
  };
}

/** A running look-alike with its clients. */
export interface Vendor extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly flatFiles: FlatFiles;
  readonly rest: RestClient;
  readonly clock: FakeClock;
  /** Friday's file of the indices. */
  friday(): Promise<FlatFile>;
}

interface VendorOptions {
  readonly sandbox?: Parameters<typeof startSandbox>[0];
  readonly transfer?: Partial<TransferOptions>;
  readonly rest?: Partial<RestOptions>;
}

/** Starts a look-alike with few files; `await using vendor = await startVendor()` stops it again. */
export async function startVendor(options: VendorOptions = {}): Promise<Vendor> {
  const sandbox = await startSandbox({
    nowMs: () => MONDAY_MS,
    historyFrom: "2024-11-18",
    tickers: { indices: ["I:SPX", "I:NDX"], stocks: ["AAPL", "BRK.B"], crypto: ["X:BTC-USD"] },
    ...options.sandbox,
  });
  const clock = fakeClock();
  const flatFiles = openFlatFiles(s3Settings(sandbox), {
    clock,
    retry: RETRY,
    deniedRetry: { ...RETRY, attempts: 3 },
    slowDownRetry: RETRY,
    ...options.transfer,
  });
  return {
    sandbox,
    flatFiles,
    rest: openRest(restSettings(sandbox), { clock, retry: RETRY, ...options.rest }),
    clock,
    async friday() {
      const object = (await listMonth(flatFiles, "indices", "2024-11")).find(({ date }) => date === FRIDAY);
      if (object === undefined) throw new Error("Friday's file is not listed");
      sandbox.clearRequests();
      return object;
    },
    async [Symbol.asyncDispose]() {
      flatFiles.close();
      await sandbox.stop();
    },
  };
}

/** The S3 settings of a look-alike. */
export function s3Settings({ environment }: Pick<Sandbox, "environment">) {
  return {
    endpoint: environment["MASSIVE_S3_ENDPOINT"] ?? "",
    bucket: environment["MASSIVE_S3_BUCKET"] ?? "",
    region: environment["MASSIVE_S3_REGION"] ?? "",
    accessKeyId: environment["MASSIVE_AWS_ACCESS_KEY"] ?? "",
    secretAccessKey: environment["MASSIVE_AWS_SECRET_KEY"] ?? "",
  };
}

/** The REST settings of a look-alike. */
export function restSettings({ environment }: Pick<Sandbox, "environment">) {
  return { baseUrl: environment["MASSIVE_API_URL"] ?? "", apiKey: environment["MASSIVE_API_KEY"] ?? "" };
}

/** Whatever `promise` rejects with. */
export async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** What `ask` says it does. */
export const OPERATION = "ask";

/** Asks a look-alike for Friday's bars of a ticker. */
export function ask(
  { rest }: Pick<Vendor, "rest">,
  ticker = "I:SPX",
  signal?: AbortSignal,
): Promise<unknown> {
  const url = `${rest.baseUrl}/v2/aggs/ticker/${ticker}/range/1/minute/${FRIDAY}/${FRIDAY}`;
  const dataset = ticker.startsWith("I:") ? "indices" : "stocks";
  return rest.getJson({ url, dataset, operation: OPERATION }, signal);
}
