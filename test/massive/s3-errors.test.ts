import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { probe } from "../../src/massive/flat-files.ts";
import { openFlatFiles, type S3Settings } from "../../src/massive/s3-client.ts";
import { s3Failure } from "../../src/massive/s3-errors.ts";
import { jsonAnswer, textAnswer, type Answer } from "../../src/sandbox/http/answer.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { rejectionOf, thrownBy } from "../support/thrown.ts";
import { FRIDAY, FRIDAY_KEY, RETRY, fakeClock, s3Settings, startVendor } from "./support.ts";

const OBJECT = {
  dataset: "indices",
  date: FRIDAY,
  key: FRIDAY_KEY,
  etag: "02ba41035d34cd5df30c5ee2564df075",
  sizeBytes: 160,
  lastModifiedMs: null,
} as const;

const SECRETS = ["SANDBOX-ACCESS-KEY", "sandbox-secret-key", "wrong-secret"];

/** The error of reading one file with `changes` to the right settings. */
async function errorWith(changes: Partial<S3Settings>) {
  await using vendor = await startVendor();
  const flatFiles = openFlatFiles(
    { ...s3Settings(vendor.sandbox), ...changes },
    { clock: fakeClock(), retry: RETRY },
  );
  try {
    return await rejectionOf(probe(flatFiles, OBJECT, "once"));
  } finally {
    flatFiles.close();
  }
}

/** The error of a file whose every GET is answered with `answer`. */
async function errorOf(answer: Answer) {
  await using vendor = await startVendor();
  vendor.sandbox.faults.add({ match: /./, times: 100, fault: { kind: "answer", answer } });
  return await rejectionOf(probe(vendor.flatFiles, OBJECT, "once"));
}

describe("a failed S3 request is explained", () => {
  test.each([
    ["an unknown access key", { accessKeyId: "WRONG" }, "bad-credentials", "HTTP 403 InvalidAccessKeyId"],
    [
      "a wrong secret",
      { secretAccessKey: "wrong-secret" },
      "bad-credentials",
      "HTTP 403 SignatureDoesNotMatch",
    ],
    ["a wrong region", { region: "eu-west-1" }, "bad-region", "HTTP 400 AuthorizationHeaderMalformed"],
    ["a wrong bucket", { bucket: "massive-flatfiles" }, "no-such-bucket", "HTTP 404 NoSuchBucket"],
  ])("%s is a matter of settings", async (_, changes, code, detail) => {
    const error = await errorWith(changes);
    expect([error.kind, error.code]).toEqual(["settings", code]);
    expect(error.message).toEndWith(`(${detail})`);
    const words = Bun.inspect(error, { depth: 10 });
    expect(SECRETS.filter((secret) => words.includes(secret))).toEqual([]);
  });

  test("wrong keys name the variables to check", async () => {
    const error = await errorWith({ accessKeyId: "WRONG" });
    expect(error.nextStep).toBe(
      "Check MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY against the Flat Files page of the Massive dashboard.",
    );
  });

  test("a key that cannot be sent is refused before anything is", () => {
    const settings = { endpoint: "http://127.0.0.1", bucket: "flatfiles", region: "us-east-1" };
    const error = thrownBy(() =>
      openFlatFiles({ ...settings, accessKeyId: "A\nB", secretAccessKey: "secret" }),
    );
    expect([error.kind, error.code]).toEqual(["settings", "bad-credentials"]);
  });

  test.each([
    ["no file", s3Error(404, "NoSuchKey", ""), "source", "not-published"],
    ["another version", s3Error(412, "PreconditionFailed", ""), "source", "republished"],
    ["fewer bytes than listed", s3Error(416, "InvalidRange", ""), "source", "republished"],
    ["a clock that is off", s3Error(403, "RequestTimeTooSkewed", ""), "settings", "clock-skew"],
    ["a server that is too busy", s3Error(503, "SlowDown", ""), "source", "transient"],
    ["a server that fails", s3Error(500, "InternalError", ""), "source", "transient"],
    ["a gateway's page", textAnswer(502, "text/html", "<html>502</html>"), "source", "transient"],
    ["a firewall's page", textAnswer(403, "text/html", "<html>403</html>"), "source", "unexpected-answer"],
    ["a method that is unknown", s3Error(405, "MethodNotAllowed", ""), "source", "unexpected-answer"],
  ])("%s", async (_, answer, kind, code) => {
    const error = await errorOf(answer);
    expect<unknown[]>([error.kind, error.code]).toEqual([kind, code]);
  });

  test.each([
    ["the vendor's JSON", FAULT_ANSWERS.throttle403(), "forbidden"],
    ["S3's own XML", s3Error(403, "AccessDenied", "Access Denied"), "Access Denied"],
    ["XML without a message", s3Error(403, "AccessDenied", ""), "HTTP 403 AccessDenied"],
    ["JSON with another member", jsonAnswer(403, { error: "Upgrade\n\tyour  plan" }), "Upgrade your plan"],
    ["JSON with nothing but a status", jsonAnswer(403, { status: "NOT_AUTHORIZED" }), "NOT_AUTHORIZED"],
    ["JSON that says nothing", jsonAnswer(403, {}), "HTTP 403"],
    ["JSON that is cut", FAULT_ANSWERS.throttle403('{"status":"NOT_AUTH'), "HTTP 403"],
    ["an empty body", FAULT_ANSWERS.throttle403(""), "HTTP 403"],
    ["a lecture", jsonAnswer(403, { message: "x".repeat(5000) }), "x".repeat(200)],
  ])("a refusal is told in the words of %s", async (_, answer, sentence) => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: /./, fault: { kind: "answer", answer } });
    expect(await probe(vendor.flatFiles, OBJECT, "once")).toBe(sentence);
  });

  test("a server that nobody runs", async () => {
    const error = await errorWith({ endpoint: "http://127.0.0.1:1" });
    expect([error.kind, error.code, error.reason]).toEqual([
      "source",
      "unreachable",
      "the S3 server cannot be reached (ECONNREFUSED)",
    ]);
  });

  test("a name that does not exist", async () => {
    const error = await errorWith({ endpoint: "http://flatfiles.invalid" });
    expect([error.kind, error.code]).toEqual(["source", "unreachable"]);
  });

  test("a server without TLS", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", () => listening.resolve());
    await listening.promise;
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const error = await errorWith({ endpoint: `https://127.0.0.1:${port}` });
      expect([error.kind, error.code]).toEqual(["source", "tls"]);
    } finally {
      server.close();
    }
  });
});

test("a clock that is off costs one more request: the SDK takes the server's time", async () => {
  await using vendor = await startVendor();
  const friday = await vendor.friday();
  vendor.flatFiles.client.config.systemClockOffset = -3 * 3_600_000;
  expect(await probe(vendor.flatFiles, friday, "once")).toBeNull();
  expect(vendor.sandbox.requests.map(({ status }) => status)).toEqual([403, 206]);
});

test("a bug of ours is not taken for a failure of the server", () => {
  expect(s3Failure(new TypeError("undefined is not a function"))).toBeNull();
});
