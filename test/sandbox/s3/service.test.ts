import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { GetObjectCommandInput, S3ClientConfig } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { startSandbox } from "../../../src/sandbox/sandbox.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { BUCKET, failureOf, FRIDAY_KEY, MONDAY_MS, objectBytes, s3Client, withSandbox } from "../support.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({
    nowMs: () => MONDAY_MS,
    listPageSize: 3,
    historyFrom: "2024-11-01",
    planFrom: { stocks: null, indices: "2024-11-20" },
  });
});

afterAll(() => sandbox.stop());

function dayKey(date: string, folder = "us_indices/minute_aggs_v1"): string {
  return `${folder}/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}.csv.gz`;
}

async function keysOf(input: { Prefix?: string; StartAfter?: string; Delimiter?: string }) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let pages = 0;
  for await (const page of paginateListObjectsV2(
    { client: s3Client(sandbox) },
    { Bucket: BUCKET, ...input },
  )) {
    pages += 1;
    keys.push(...(page.Contents ?? []).map((object) => object.Key ?? ""));
    prefixes.push(...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ""));
  }
  return { keys, prefixes, pages };
}

function get(input: Partial<GetObjectCommandInput>, client: S3ClientConfig = {}) {
  return s3Client(sandbox, client).send(new GetObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY, ...input }));
}

describe("ListObjectsV2", () => {
  test("gives every published day in pages", async () => {
    expect(await keysOf({ Prefix: "us_indices/minute_aggs_v1/2024/11/2024-11-1" })).toEqual({
      keys: ["11", "12", "13", "14", "15", "18", "19"].map((day) => dayKey(`2024-11-${day}`)),
      prefixes: [],
      pages: 3,
    });
  });

  test("starts after a key", async () => {
    const { keys } = await keysOf({ Prefix: "us_indices/", StartAfter: dayKey("2024-11-20") });
    expect(keys).toEqual([dayKey("2024-11-21"), FRIDAY_KEY]);
  });

  test("groups keys at a delimiter, across pages", async () => {
    expect(await keysOf({ Delimiter: "/" })).toEqual({
      keys: [],
      prefixes: ["global_crypto/", "global_forex/", "us_indices/", "us_options_opra/", "us_stocks_sip/"],
      pages: 2,
    });
    const { prefixes } = await keysOf({ Prefix: "us_stocks_sip/", Delimiter: "/" });
    expect(prefixes).toEqual(["us_stocks_sip/day_aggs_v1/", "us_stocks_sip/minute_aggs_v1/"]);
  });

  test("tells size, ETag and publication of the object that GET gives", async () => {
    const list = await s3Client(sandbox).send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: FRIDAY_KEY, EncodingType: "url" }),
    );
    const bytes = await objectBytes(sandbox, FRIDAY_KEY);
    expect(list.Contents).toEqual([
      {
        Key: FRIDAY_KEY,
        Size: bytes.length,
        ETag: `"${createHash("md5").update(bytes).digest("hex")}"`,
        LastModified: new Date("2024-11-23T16:00:00Z"),
        StorageClass: "STANDARD",
      },
    ]);
  });

  test("honours max-keys and refuses a token of its own making", async () => {
    const client = s3Client(sandbox);
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "us_indices/", MaxKeys: 2 }),
    );
    expect([page.KeyCount, page.MaxKeys, page.IsTruncated]).toEqual([2, 2, true]);
    const wrong = client.send(new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: "mine" }));
    expect(await failureOf(wrong)).toMatchObject({ name: "InvalidArgument", status: 400 });
  });
});

describe("GetObject", () => {
  test.each([
    ["bytes=10-19", 10, 20],
    ["bytes=100-", 100, undefined],
    ["bytes=-7", -7, undefined],
    ["bytes=5-99999999", 5, undefined],
  ])("serves the range %s", async (range, start, end) => {
    const whole = await objectBytes(sandbox, FRIDAY_KEY);
    const answer = await get({ Range: range });
    const first = start < 0 ? whole.length + start : start;
    expect({
      status: answer.$metadata.httpStatusCode,
      contentRange: answer.ContentRange,
      length: answer.ContentLength,
      bytes: await answer.Body?.transformToByteArray(),
    }).toEqual({
      status: 206,
      contentRange: `bytes ${first}-${(end ?? whole.length) - 1}/${whole.length}`,
      length: (end ?? whole.length) - first,
      bytes: new Uint8Array(whole.subarray(first, end)),
    });
  });

  test("knows its conditions", async () => {
    const { ETag } = await get({ Range: "bytes=0-0" });
    const etag = ETag ?? "";
    expect((await get({ IfMatch: etag })).$metadata.httpStatusCode).toBe(200);
    expect(await failureOf(get({ IfMatch: '"other"' }))).toMatchObject({
      name: "PreconditionFailed",
      status: 412,
    });
    expect(await failureOf(get({ IfNoneMatch: etag }))).toMatchObject({ status: 304 });
    expect(await failureOf(get({ Range: "bytes=99999999-" }))).toMatchObject({
      name: "InvalidRange",
      status: 416,
    });
  });

  test("HEAD gives the same facts without the body", async () => {
    const head = await s3Client(sandbox).send(new HeadObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY }));
    const whole = await get({});
    await whole.Body?.transformToByteArray();
    expect([head.ContentLength, head.ETag, head.LastModified, head.AcceptRanges]).toEqual([
      whole.ContentLength,
      whole.ETag,
      whole.LastModified,
      "bytes",
    ]);
  });

  test.each([
    ["a day that is not published yet", dayKey("2024-11-25")],
    ["a Saturday", dayKey("2024-11-23")],
    ["a key that is no day's", "us_indices/minute_aggs_v1/2024/10/2024-11-22.csv.gz"],
  ])("has no object for %s", async (_, key) => {
    expect(await failureOf(get({ Key: key }))).toMatchObject({ name: "NoSuchKey", status: 404 });
  });

  test("has one bucket, and it is for reading", async () => {
    expect(await failureOf(get({ Bucket: "other" }))).toMatchObject({ name: "NoSuchBucket", status: 404 });
    const put = s3Client(sandbox).send(new PutObjectCommand({ Bucket: BUCKET, Key: "mine", Body: "text" }));
    expect(await failureOf(put)).toMatchObject({ name: "MethodNotAllowed", status: 405 });
  });
});

describe("credentials and plan", () => {
  const accessKeyId = "SANDBOX-ACCESS-KEY";

  test.each([
    ["InvalidAccessKeyId", 403, { credentials: { accessKeyId: "NOBODY", secretAccessKey: "x" } }],
    ["SignatureDoesNotMatch", 403, { credentials: { accessKeyId, secretAccessKey: "wrong" } }],
    ["RequestTimeTooSkewed", 403, { systemClockOffset: 16 * 60_000 }],
    ["AuthorizationHeaderMalformed", 400, { region: "eu-west-1" }],
  ])("answers %s", async (name, status, changes) => {
    expect(await failureOf(get({}, changes))).toMatchObject({ name, status });
  });

  test("wants a signature", async () => {
    const answer = await fetch(`${sandbox.url}/${BUCKET}/${FRIDAY_KEY}`);
    expect([answer.status, (await answer.text()).includes("<Code>AccessDenied</Code>")]).toEqual([403, true]);
  });

  test("lists what is not in the plan, and answers its GET with Massive's JSON", async () => {
    const stocks = dayKey("2024-11-22", "us_stocks_sip/minute_aggs_v1");
    expect((await keysOf({ Prefix: stocks })).keys).toEqual([stocks]);
    for (const key of [stocks, dayKey("2024-11-19")])
      expect(await failureOf(get({ Key: key }))).toMatchObject({
        status: 403,
        body: '{"status":"NOT_AUTHORIZED","message":"forbidden"}',
      });
    expect((await get({ Key: dayKey("2024-11-20") })).$metadata.httpStatusCode).toBe(200);
  });

  test("takes the credentials that it was started with", async () => {
    const own = { accessKeyId: "A", secretAccessKey: "B", bucket: "mine", region: "r-1", apiKey: "K" };
    await withSandbox(own, async (other) => {
      expect(other.environment).toEqual({
        MASSIVE_S3_ENDPOINT: other.url,
        MASSIVE_S3_BUCKET: "mine",
        MASSIVE_S3_REGION: "r-1",
        MASSIVE_AWS_ACCESS_KEY: "A",
        MASSIVE_AWS_SECRET_KEY: "B",
        MASSIVE_API_KEY: "K",
        MASSIVE_API_URL: other.url,
      });
      const list = await s3Client(other, { region: "r-1" }).send(
        new ListObjectsV2Command({ Bucket: "mine", Prefix: FRIDAY_KEY }),
      );
      expect(list.KeyCount).toBe(1);
    });
  });
});

test("logs the requests it received", async () => {
  await withSandbox({}, async (own) => {
    await s3Client(own).send(new HeadObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY, Range: "bytes=0-4" }));
    expect(own.requests).toEqual([
      { method: "HEAD", path: `/${BUCKET}/${FRIDAY_KEY}`, query: "", range: "bytes=0-4", status: 206 },
    ]);
    own.clearRequests();
    expect(own.requests).toEqual([]);
  });
});
