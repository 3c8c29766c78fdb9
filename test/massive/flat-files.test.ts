import { describe, expect, test } from "bun:test";
import { systemClock, type Clock } from "../../src/massive/clock.ts";
import { listMonth, probe } from "../../src/massive/flat-files.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { textAnswer } from "../../src/sandbox/http/answer.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { FRIDAY_KEY, reasonOf, startVendor } from "./support.ts";

const LISTING = /list-type=2/;

/** A listing as S3 sends it, with these entries. */
function listing(entries: string, rest = "<IsTruncated>false</IsTruncated>") {
  const xml = `<?xml version="1.0"?><ListBucketResult><Name>flatfiles</Name>${rest}${entries}</ListBucketResult>`;
  return { kind: "answer", answer: textAnswer(200, "application/xml", xml) } as const;
}

function entry(key: string, etag = "&quot;02ba41035d34cd5df30c5ee2564df075&quot;"): string {
  return `<Contents><Key>${key}</Key><LastModified>2024-11-23T16:00:00.000Z</LastModified><ETag>${etag}</ETag><Size>160</Size></Contents>`;
}

describe("listMonth", () => {
  test("gives the published files of the month by date", async () => {
    await using vendor = await startVendor();
    const objects = await listMonth(vendor.flatFiles, "indices", "2024-11");
    expect(objects.map(({ date }) => date)).toEqual([
      "2024-11-18",
      "2024-11-19",
      "2024-11-20",
      "2024-11-21",
      "2024-11-22",
    ]);
    expect(objects.at(-1)).toEqual({
      dataset: "indices",
      date: "2024-11-22",
      key: FRIDAY_KEY,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
      sizeBytes: expect.any(Number),
      lastModifiedMs: Date.parse("2024-11-23T16:00:00Z"),
    });
  });

  test("takes a refusal for a throttle, and asks again: every plan may list every file", async () => {
    await using vendor = await startVendor();
    const fault = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    vendor.sandbox.faults.add({ match: LISTING, times: 2, fault });
    expect(await listMonth(vendor.flatFiles, "indices", "2024-11")).toHaveLength(5);
    vendor.sandbox.faults.add({ match: LISTING, times: Infinity, fault });
    const error = await rejectionOf(listMonth(vendor.flatFiles, "indices", "2024-11"));
    expect([error.kind, error.code]).toEqual(["source", "throttled"]);
  });

  test("asks the server it was told to, whatever this computer's AWS settings say", async () => {
    const others = { AWS_USE_FIPS_ENDPOINT: "true", AWS_PROFILE: "none", AWS_REGION: "eu-west-1" };
    const before = Object.keys(others).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, others);
    try {
      await using vendor = await startVendor();
      expect((await listMonth(vendor.flatFiles, "indices", "2024-11")).length).toBe(5);
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });

  test("is empty for a month without files", async () => {
    await using vendor = await startVendor();
    expect(await listMonth(vendor.flatFiles, "indices", "2024-10")).toEqual([]);
  });

  test("follows a listing over its pages", async () => {
    await using vendor = await startVendor();
    const whole = await listMonth(vendor.flatFiles, "indices", "2024-11");
    await using paged = await startVendor({ sandbox: { listPageSize: 2 } });
    expect(await listMonth(paged.flatFiles, "indices", "2024-11")).toEqual(whole);
    expect(paged.sandbox.requests.length).toBe(3);
  });

  test("leaves out keys that are not files of this month and dataset", async () => {
    await using vendor = await startVendor();
    const foreign = [
      "us_indices/minute_aggs_v1/2024/11/",
      "us_indices/minute_aggs_v1/2024/11/README.txt",
      "us_indices/minute_aggs_v1/2024/11/../../../2024-11-22.csv.gz",
      "us_indices/minute_aggs_v1/2024/10/2024-10-31.csv.gz",
      "us_stocks_sip/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    ];
    const entries = [...foreign, FRIDAY_KEY].map((key) => entry(key)).join("");
    vendor.sandbox.faults.add({ match: LISTING, fault: listing(entries) });
    const objects = await listMonth(vendor.flatFiles, "indices", "2024-11");
    expect(objects.map(({ key }) => key)).toEqual([FRIDAY_KEY]);
  });

  test("keeps a multipart ETag and does without a date of last modification", async () => {
    await using vendor = await startVendor();
    const parts = entry(FRIDAY_KEY, "&quot;1ad01093519b0f90c080a09c759591ed-9&quot;").replace(
      /<LastModified>.*<\/LastModified>/,
      "",
    );
    vendor.sandbox.faults.add({ match: LISTING, fault: listing(parts) });
    expect(await listMonth(vendor.flatFiles, "indices", "2024-11")).toEqual([
      {
        dataset: "indices",
        date: "2024-11-22",
        key: FRIDAY_KEY,
        etag: "1ad01093519b0f90c080a09c759591ed-9",
        sizeBytes: 160,
        lastModifiedMs: null,
      },
    ]);
  });

  test("does not take a web page for an empty month", async () => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({
      match: LISTING,
      fault: { kind: "answer", answer: FAULT_ANSWERS.html(200) },
    });
    const error = await rejectionOf(listMonth(vendor.flatFiles, "indices", "2024-11"));
    expect(wordsOf(error)).toEqual({
      kind: "source",
      operation: "list us_indices/minute_aggs_v1/2024/11/",
      reason: "this is not an answer of the S3 server we know",
      nextStep: "Check MASSIVE_S3_ENDPOINT, and whether a proxy or a login page stands in between.",
    });
  });

  test.each([
    ["a file without an ETag", entry(FRIDAY_KEY, ""), undefined, "2024-11-22 has no ETag or no size"],
    [
      "a cut list without a way on",
      entry(FRIDAY_KEY),
      "<IsTruncated>true</IsTruncated>",
      "it was cut, but does not say how to go on",
    ],
    [
      "a list without an end",
      entry(FRIDAY_KEY),
      "<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>",
      "it has more than 50 pages",
    ],
  ])("refuses %s", async (_, entries, rest, reason) => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: LISTING, times: 1000, fault: listing(entries, rest) });
    const error = await rejectionOf(listMonth(vendor.flatFiles, "indices", "2024-11"));
    expect([error.code, error.reason]).toEqual(["bad-listing", `the listing cannot be used: ${reason}`]);
  });

  test("tries again what may pass, with growing pauses", async () => {
    await using vendor = await startVendor();
    const whole = await listMonth(vendor.flatFiles, "indices", "2024-11");
    vendor.sandbox.faults.add({
      match: LISTING,
      fault: { kind: "answer", answer: FAULT_ANSWERS.slowDown() },
    });
    vendor.sandbox.faults.add({ match: LISTING, fault: { kind: "reset", afterBytes: 200 } });
    vendor.sandbox.faults.add({
      match: LISTING,
      fault: { kind: "answer", answer: FAULT_ANSWERS.internalError() },
    });
    expect(await listMonth(vendor.flatFiles, "indices", "2024-11")).toEqual(whole);
    expect(vendor.clock.sleeps.map((ms) => ms >= 50)).toEqual([true, true, true]);
    expect(vendor.clock.sleeps.map((ms, index) => ms <= 100 * 2 ** index)).toEqual([true, true, true]);
  });

  test("gives up on a server that only fails", async () => {
    await using vendor = await startVendor();
    const slowDown = { kind: "answer", answer: FAULT_ANSWERS.slowDown() } as const;
    vendor.sandbox.faults.add({ match: LISTING, times: 1000, fault: slowDown });
    const error = await rejectionOf(listMonth(vendor.flatFiles, "indices", "2024-11"));
    expect([error.kind, error.code, error.reason]).toEqual([
      "source",
      "transient",
      "the S3 server keeps failing (HTTP 503 SlowDown)",
    ]);
    expect(vendor.sandbox.requests.length).toBe(4);
  });

  test("does not wait for ever for a silent server", async () => {
    await using vendor = await startVendor({
      transfer: { idleTimeoutMs: 100, retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 } },
    });
    vendor.sandbox.faults.add({ match: LISTING, fault: { kind: "stall" } });
    vendor.sandbox.faults.add({ match: LISTING, fault: { kind: "stall", afterBytes: 200 } });
    const error = await rejectionOf(listMonth(vendor.flatFiles, "indices", "2024-11"));
    expect(error.reason).toBe("the S3 server keeps failing (nothing came for 0.1 s)");
  });

  test("ends at once when it is aborted during a pause", async () => {
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const hour = { attempts: 2, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
    const clock: Clock = {
      ...systemClock,
      sleep(ms, signal) {
        setImmediate(() => controller.abort(reason));
        return systemClock.sleep(ms, signal);
      },
    };
    await using vendor = await startVendor({ transfer: { clock, retry: hour } });
    const answer = FAULT_ANSWERS.slowDown();
    vendor.sandbox.faults.add({ match: LISTING, fault: { kind: "answer", answer } });
    expect(await reasonOf(listMonth(vendor.flatFiles, "indices", "2024-11", controller.signal))).toBe(reason);
  });

  test("ends at once when it is aborted", async () => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: LISTING, fault: { kind: "stall" } });
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const listed = listMonth(vendor.flatFiles, "indices", "2024-11", controller.signal);
    setImmediate(() => controller.abort(reason));
    expect(await reasonOf(listed)).toBe(reason);
  });
});

describe("probe", () => {
  test("reads one byte of a file that the plan includes", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    expect(await probe(vendor.flatFiles, friday, "once")).toBeNull();
    expect(vendor.sandbox.requests.map(({ range }) => range)).toEqual(["bytes=0-0"]);
  });

  test("says in the vendor's words that the plan does not include a file, at the first answer", async () => {
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: null } } });
    const friday = await vendor.friday();
    expect(await probe(vendor.flatFiles, friday, "once")).toBe("forbidden");
    expect([vendor.sandbox.requests.length, vendor.clock.sleeps]).toEqual([1, []]);
  });

  test.each([
    ["before anything could be read", false],
    ["after something could be read", true],
  ])("with patience asks again before it believes a refusal, %s", async (_, hasRead) => {
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    const [oldest, , , , newest] = await listMonth(vendor.flatFiles, "indices", "2024-11");
    if (oldest === undefined || newest === undefined) throw new Error("no files");
    if (hasRead) expect(await probe(vendor.flatFiles, newest, "once")).toBeNull();
    vendor.sandbox.clearRequests();
    const throttle = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    vendor.sandbox.faults.add({ match: /2024-11-22/, times: 2, fault: throttle });
    expect(await probe(vendor.flatFiles, newest, "patient")).toBeNull();
    expect(vendor.sandbox.requests.map(({ status }) => status)).toEqual([403, 403, 206]);
    vendor.sandbox.clearRequests();
    expect(await probe(vendor.flatFiles, oldest, "patient")).toBe("forbidden");
    expect(vendor.sandbox.requests.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test("without patience asks once, also after something could be read", async () => {
    await using vendor = await startVendor({ sandbox: { planFrom: { indices: "2024-11-20" } } });
    const [oldest, , , , newest] = await listMonth(vendor.flatFiles, "indices", "2024-11");
    if (oldest === undefined || newest === undefined) throw new Error("no files");
    expect(await probe(vendor.flatFiles, newest, "once")).toBeNull();
    vendor.sandbox.clearRequests();
    expect(await probe(vendor.flatFiles, oldest, "once")).toBe("forbidden");
    expect(vendor.sandbox.requests.length).toBe(1);
  });

  test("throws what is no refusal", async () => {
    await using vendor = await startVendor();
    const friday = await vendor.friday();
    const missing = { ...friday, key: friday.key.replaceAll("2024", "2034") };
    const error = await rejectionOf(probe(vendor.flatFiles, missing, "once"));
    expect([error.code, error.operation]).toEqual(["not-published", `check access to ${missing.key}`]);
  });
});
