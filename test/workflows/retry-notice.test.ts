import { describe, expect, test } from "bun:test";
import { retryNotice } from "../../src/workflows/retry-notice.ts";
import { collectedProgress } from "./run-context.ts";

function retry(failures: number, operation = "download a") {
  return { operation, reason: "the S3 server cannot be reached (ECONNREFUSED)", failures, delayMs: 500 };
}

describe("the notice of retries", () => {
  test("says nothing of a failure or two", () => {
    const progress = collectedProgress();
    const notice = retryNotice(progress);
    for (const failures of [1, 2, 1, 2]) notice(retry(failures));
    expect(progress.lines).toEqual([]);
  });

  test("tells what fails and why, once for all requests that meet the same trouble", () => {
    const progress = collectedProgress();
    const notice = retryNotice(progress);
    for (const failures of [1, 2, 3, 4, 5])
      for (const operation of ["download a", "download b"]) notice(retry(failures, operation));
    expect(progress.lines).toEqual([
      "info download a: the S3 server cannot be reached (ECONNREFUSED); trying again",
    ]);
  });

  test("speaks again of trouble half a minute later", () => {
    const progress = collectedProgress();
    let nowMs = 0;
    const notice = retryNotice(progress, () => nowMs);
    notice(retry(3));
    nowMs = 29_999;
    notice(retry(4));
    nowMs = 30_000;
    notice(retry(3, "download b"));
    expect(progress.lines).toEqual([
      "info download a: the S3 server cannot be reached (ECONNREFUSED); trying again",
      "info download b: the S3 server cannot be reached (ECONNREFUSED); trying again",
    ]);
  });
});
