import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { listMonth } from "../../src/massive/flat-files.ts";
import { openFlatFiles, type FlatFiles } from "../../src/massive/s3-client.ts";
import {
  hostileServer,
  keyOf,
  listingXml,
  xml,
  type HostileServer,
  type ListedEntry,
} from "../support/hostile-server.ts";
import { rejectionOf } from "../support/thrown.ts";

const DATE = "2024-11-22";
let vendor: HostileServer;
let flatFiles: FlatFiles;

beforeEach(() => {
  vendor = hostileServer();
  flatFiles = openFlatFiles({
    endpoint: vendor.url,
    bucket: "flatfiles",
    region: "us-east-1",
    accessKeyId: "key",
    secretAccessKey: "secret",
  });
});
afterEach(async () => {
  flatFiles.close();
  await vendor[Symbol.asyncDispose]();
});

function november() {
  return listMonth(flatFiles, "indices", "2024-11");
}

function lists(...entries: readonly ListedEntry[]): void {
  vendor.listing = () => xml(listingXml(entries));
}

describe("a key that is not the one that the date has", () => {
  test.each([
    "../../etc/passwd",
    "/etc/passwd",
    "us_indices/minute_aggs_v1/2024/11/../../../../etc/2024-11-22.csv.gz",
    "us_indices/minute_aggs_v1/2024/11/%2e%2e/2024-11-22.csv.gz",
    "us_indices%2Fminute_aggs_v1%2F2024%2F11%2F2024-11-22.csv.gz",
    "/us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "us_indices//minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "us_indices\\minute_aggs_v1\\2024\\11\\2024-11-22.csv.gz",
    "us_stocks_sip/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "us_indices/minute_aggs_v1/2024/10/2024-11-22.csv.gz",
    "us_indices/minute_aggs_v1/2024/11/2024-11-31.csv.gz",
    "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz ",
    "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz&#0;",
    "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz&#10;",
    "us_indices/minute_aggs_v1/2024/11/2024-11-22.CSV.GZ",
    "us_indices/minute_aggs_v1/2024/11/２０２４-11-22.csv.gz",
    "us_indices/minute_aggs_v1/2024/12/2024-12-02.csv.gz",
    "",
    "&a9;",
  ])("is left out: %j", async (key) => {
    lists({ key }, { key: keyOf("2024-11-21") });
    expect((await november()).map(({ date }) => date)).toEqual(["2024-11-21"]);
  });

  test("and one that comes twice counts once, as it was told last", async () => {
    lists({ key: keyOf(DATE), size: "1" }, { key: keyOf(DATE), size: "2" });
    expect(await november()).toMatchObject([{ date: DATE, sizeBytes: 2 }]);
  });
});

describe("a listing whose entry makes no sense is refused:", () => {
  test.each<[string, Omit<ListedEntry, "key">]>([
    ["a petabyte", { size: "1000000000000000" }],
    ["a size beyond all numbers", { size: "1e30" }],
    ["a negative size", { size: "-5" }],
    ["a broken size", { size: "1.5" }],
    ["a size that is none", { size: "many" }],
  ])("%s", async (_, entry) => {
    lists({ key: keyOf(DATE), ...entry });
    expect(await rejectionOf(november())).toMatchObject({
      kind: "source",
      code: "bad-listing",
      reason: `the listing cannot be used: ${DATE} has a size that no day's file has`,
    });
  });

  test.each<[string, string]>([
    ["a line break and a header", "ab&#13;&#10;X-Evil: 1"],
    ["an escape code", "ab&#27;[2J"],
    ["letters that no header takes", "日本"],
    ["a hundred thousand characters", "a".repeat(100_000)],
  ])("an ETag with %s", async (_, etag) => {
    lists({ key: keyOf(DATE), etag });
    expect(await rejectionOf(november())).toMatchObject({
      kind: "source",
      code: "bad-listing",
      reason: `the listing cannot be used: ${DATE} has an ETag that cannot be sent back`,
    });
  });
});

describe("a listing without end is given up", () => {
  test.each<[string, () => string]>([
    ["the same token again", () => "again"],
    ["ever new tokens", () => crypto.randomUUID()],
  ])("after 50 pages: %s", async (_, token) => {
    const more = () =>
      `<IsTruncated>true</IsTruncated><NextContinuationToken>${token()}</NextContinuationToken>`;
    vendor.listing = () => xml(listingXml([], more()));
    expect((await rejectionOf(november())).reason).toBe(
      "the listing cannot be used: it has more than 50 pages",
    );
    expect(vendor.requests).toHaveLength(50);
  });

  test.each<[string, (text: string) => Response]>([
    ["a listing", (text) => xml(text)],
    ["an error", (text) => xml(text, 400)],
  ])("after 8 MB: %s of too many entries", async (_, answer) => {
    const keys = Array.from({ length: 45_000 }, (__, index) => ({ key: `us_indices/${index}` }));
    const text = listingXml(keys);
    expect(text.length).toBeGreaterThan(8 << 20);
    vendor.listing = () => answer(text);
    expect((await rejectionOf(november())).code).toBe("unexpected-answer");
  });

  test("after 8 MB: an answer that goes on and on", async () => {
    let sentBytes = 0;
    const spaces = Buffer.alloc(1 << 20, 32);
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(spaces);
        sentBytes += spaces.length;
      },
    });
    vendor.listing = () => new Response(body);
    expect((await rejectionOf(november())).code).toBe("unexpected-answer");
    expect(sentBytes).toBeLessThan(64 << 20);
  });
});

describe("an error of the server", () => {
  test.each([
    "constructor",
    "__proto__",
    "toString",
    "Evil\u001b[2J",
    "\u009b31mEvil",
    "two\nlines",
    "x".repeat(1000),
    "$(reboot)",
  ])("by the name %j is told without it", async (name) => {
    vendor.listing = () => xml(`<Error><Code>${name}</Code><Message>\u001b[2Jgone</Message></Error>`, 400);
    const { code, reason } = await rejectionOf(november());
    expect([
      code,
      reason.replace(/\(HTTP 400(?: (?:constructor|toString|__proto__))?\)$/, "(HTTP 400)"),
    ]).toEqual(["unexpected-answer", "this is not an answer of the S3 server we know (HTTP 400)"]);
  });

  test("with entities in entities is no work", async () => {
    const entities = Array.from(
      { length: 9 },
      (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`,
    );
    const doctype = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "lol">${entities.join("")}]>`;
    vendor.listing = () => xml(`${doctype}<Error><Code>&a9;</Code><Message>&a9;</Message></Error>`, 400);
    expect((await rejectionOf(november())).reason.length).toBeLessThan(200);
  });
});
