import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { gunzipSync } from "node:zlib";
import type { Bar } from "../../src/core/bar.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";

export const BUCKET = "flatfiles";

/** Monday 2024-11-25, 15:00 in New York: Friday's files are there, today's are not. */
export const MONDAY_MS = Date.parse("2024-11-25T20:00:00Z");

export const FRIDAY_KEY = "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz";

/** Runs `work` with a look-alike and stops it whatever happens. */
export async function withSandbox(
  options: Parameters<typeof startSandbox>[0],
  work: (sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox({ nowMs: () => MONDAY_MS, ...options });
  try {
    await work(sandbox);
  } finally {
    await sandbox.stop();
  }
}

/** The AWS SDK as it has to be set up for Massive; it never retries here. */
export function s3Client(sandbox: Sandbox, changes: S3ClientConfig = {}): S3Client {
  const { environment } = sandbox;
  return new S3Client({
    endpoint: sandbox.url,
    region: "us-east-1",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 1,
    credentials: {
      accessKeyId: environment["MASSIVE_AWS_ACCESS_KEY"] ?? "",
      secretAccessKey: environment["MASSIVE_AWS_SECRET_KEY"] ?? "",
    },
    ...changes,
  });
}

/** The bytes of an object. */
export async function objectBytes(sandbox: Sandbox, key: string): Promise<Uint8Array> {
  const answer = await s3Client(sandbox).send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
}

/** The lines of a day's file, without the empty one at the end. */
export async function csvLines(sandbox: Sandbox, key: string): Promise<string[]> {
  const text = gunzipSync(await objectBytes(sandbox, key)).toString();
  return text.trimEnd().split("\n");
}

/** The rows of one ticker as bars, in order of time; read by name, digit for digit. */
export function barsOfLines(lines: readonly string[], ticker: string): Bar[] {
  const columns = (lines[0] ?? "").split(",");
  return lines
    .filter((line) => line.startsWith(`${ticker},`))
    .map((line) => {
      const fields = line.split(",");
      const text = (name: string): string => fields[columns.indexOf(name)] ?? "";
      const traded = columns.includes("volume");
      return {
        windowStartMs: Number(BigInt(text("window_start")) / 1_000_000n),
        open: Number(text("open")),
        high: Number(text("high")),
        low: Number(text("low")),
        close: Number(text("close")),
        volume: traded ? Number(text("volume")) : null,
        vwap: null,
        transactions: traded ? Number(text("transactions")) : null,
      };
    })
    .toSorted((a, b) => a.windowStartMs - b.windowStartMs);
}

/** The REST path of the 1-minute bars of a ticker. */
export function rangePath(ticker: string, from: string | number, to: string | number, query = ""): string {
  return `/v2/aggs/ticker/${ticker}/range/1/minute/${from}/${to}?${query}`;
}

/** GET of a REST path with the right key. */
export async function restGet(sandbox: Sandbox, path: string): Promise<Response> {
  const url = path.startsWith("http") ? path : sandbox.url + path;
  return fetch(url, { headers: { authorization: `Bearer ${sandbox.environment["MASSIVE_API_KEY"]}` } });
}

/** The error that `work` fails with, as far as these tests look at it. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ name: string; code: string; status: number; body: string }> {
  try {
    await work;
  } catch (error) {
    const metadata = field(error, "$metadata");
    return {
      name: String(field(error, "name")),
      code: String(field(error, "code")),
      status: Number(field(metadata, "httpStatusCode")),
      body: String(field(field(error, "$response"), "body")),
    };
  }
  throw new Error("it should have failed");
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
