import { describe, expect, test } from "bun:test";
import { FAULT_ANSWERS } from "../../../src/sandbox/faults.ts";
import { checkFlatFiles } from "../../../src/workflows/doctor/check-flat-files.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { lookAlike } from "../../support/truth.ts";
import { linesOf, vendorContext } from "./vendor-context.ts";

const TODAY = "2024-11-22";

describe("the depth of a plan", () => {
  test("is told to the day", async () => {
    using place = tempCache();
    await using vendor = await lookAlike(TODAY, {
      planFrom: { indices: "2023-11-22", stocks: "2024-11-21" },
    });
    const findings = await checkFlatFiles(vendorContext(place, vendor.sandbox), ["indices", "stocks"]);
    expect(linesOf(findings)).toEqual([
      `green S3 keys: accepted by ${vendor.sandbox.url}`,
      "green flat files of indices: readable from 2023-11-22 (your plan's history) to 2024-11-21",
      "green flat files of stocks: readable from 2024-11-21 (your plan's history) to 2024-11-21",
    ]);
  });

  test("is not mistaken where the vendor's throttle refuses a file for once", async () => {
    using place = tempCache();
    await using vendor = await lookAlike(TODAY);
    vendor.sandbox.faults.add({
      match: /us_indices\/.*2023-02-14/,
      fault: { kind: "answer", answer: FAULT_ANSWERS.throttle403() },
    });
    expect(linesOf(await checkFlatFiles(vendorContext(place, vendor.sandbox), ["indices"]))).toEqual([
      `green S3 keys: accepted by ${vendor.sandbox.url}`,
      "green flat files of indices: readable from 2023-02-14 (the whole history) to 2024-11-21",
    ]);
  });
});

describe("a server that gives no answer of use", () => {
  test.each([
    ["throttles", FAULT_ANSWERS.slowDown(), "the S3 server keeps failing (HTTP 503 SlowDown)"],
    [
      "refuses everything for a while",
      FAULT_ANSWERS.throttle403(),
      "the server refused it (403) although the plan includes it: too many requests in a short time (HTTP 403)",
    ],
    ["is a web page", FAULT_ANSWERS.html(), "this is not an answer of the S3 server we know"],
  ])("and %s is one red line; nothing says that it accepted the keys", async (_, answer, found) => {
    using place = tempCache();
    await using vendor = await lookAlike(TODAY);
    vendor.sandbox.faults.add({ match: /flatfiles/, times: Infinity, fault: { kind: "answer", answer } });
    const findings = await checkFlatFiles(vendorContext(place, vendor.sandbox), []);
    expect(findings.map(({ name, state, found: said }) => ({ name, state, said }))).toEqual([
      { name: "S3 keys", state: "red", said: found },
    ]);
  });

  test("for one dataset is a red line of that dataset alone", async () => {
    using place = tempCache();
    await using vendor = await lookAlike(TODAY);
    vendor.sandbox.faults.add({
      match: /us_stocks/,
      times: Infinity,
      fault: { kind: "answer", answer: FAULT_ANSWERS.internalError() },
    });
    const findings = await checkFlatFiles(vendorContext(place, vendor.sandbox), ["indices", "stocks"]);
    expect(findings.map(({ name, state }) => `${state} ${name}`)).toEqual([
      "green S3 keys",
      "green flat files of indices",
      "red flat files of stocks",
    ]);
  });
});

test("an address with a user and a password is shown without them", async () => {
  using place = tempCache();
  await using vendor = await lookAlike(TODAY);
  const endpoint = vendor.sandbox.url.replace("//", "//someone:hunter2-secret@");
  const context = vendorContext(place, vendor.sandbox, { MASSIVE_S3_ENDPOINT: endpoint });
  expect(linesOf(await checkFlatFiles(context, ["indices"]))[0]).toBe(
    `green S3 keys: accepted by ${vendor.sandbox.url.replace("//", "//…@")}`,
  );
});
