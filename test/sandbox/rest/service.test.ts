import { describe, expect, test } from "bun:test";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { rangePath, restGet, withSandbox } from "../support.ts";

const FRIDAY = "2024-11-22";

/** Status and text of an answer, the request id blanked. */
async function refusal(sandbox: Sandbox, path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(sandbox.url + path, { headers });
  const text = (await answer.text()).replace(/"request_id":"[0-9a-f]{32}"/, '"request_id":""');
  return [answer.status, text] as const;
}

describe("refusals", () => {
  const key = { authorization: "Bearer sandbox-api-key" };
  const path = rangePath("I:SPX", FRIDAY, FRIDAY);

  test("wants a key, in the header or in the query", async () => {
    await withSandbox({}, async (sandbox) => {
      expect(await refusal(sandbox, path)).toEqual([
        401,
        '{"status":"ERROR","request_id":"","error":"API Key was not provided"}',
      ]);
      expect(await refusal(sandbox, path, { authorization: "Bearer other" })).toEqual([
        401,
        '{"status":"ERROR","request_id":"","error":"Unknown API Key"}',
      ]);
      expect((await refusal(sandbox, `${path}apiKey=sandbox-api-key`))[0]).toBe(200);
      expect((await refusal(sandbox, path, key))[0]).toBe(200);
    });
  });

  test("knows what the plan has", async () => {
    await withSandbox({ rest: { tickers: ["I:NDX"], from: "2024-11-21" } }, async (sandbox) => {
      expect(await refusal(sandbox, path, key)).toEqual([
        403,
        '{"status":"NOT_AUTHORIZED","request_id":"","message":"You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing"}',
      ]);
      expect(await refusal(sandbox, rangePath("I:NDX", "2024-11-20", FRIDAY), key)).toEqual([
        403,
        '{"status":"NOT_AUTHORIZED","request_id":"","message":"Your plan doesn\'t include this data timeframe. Please upgrade your plan at https://polygon.io/pricing"}',
      ]);
      expect((await refusal(sandbox, rangePath("I:NDX", "2024-11-21", FRIDAY), key))[0]).toBe(200);
    });
  });

  test("follows a subscription that changes", async () => {
    await withSandbox({}, async (sandbox) => {
      expect((await refusal(sandbox, path, key))[0]).toBe(200);
      sandbox.changePlan({ rest: { tickers: ["I:NDX"] } });
      expect((await refusal(sandbox, path, key))[0]).toBe(403);
      sandbox.changePlan({ planFrom: { indices: null } });
      expect((await refusal(sandbox, path, key))[0]).toBe(403);
      sandbox.changePlan({ rest: {} });
      expect((await refusal(sandbox, path, key))[0]).toBe(200);
    });
  });

  test.each([
    ["/v2/other", 404, '{"status":"NOT_FOUND","message":"Data not found."}'],
    [rangePath("I:SPX", "22.11.2024", FRIDAY), 400, "'from'"],
    [rangePath("I:SPX", FRIDAY, "2024-02-30"), 400, "'to'"],
    [rangePath("I:SPX", FRIDAY, "2024-11-21"), 400, "'to' cannot be"],
    [rangePath("I:SPX", FRIDAY, FRIDAY, "limit=50001"), 400, "'limit'"],
    [rangePath("I:SPX", FRIDAY, FRIDAY, "sort=up"), 400, "'sort'"],
  ])("answers %s with %i", async (wrong, status, part) => {
    await withSandbox({}, async (sandbox) => {
      const [answered, text] = await refusal(sandbox, wrong, key);
      expect(answered).toBe(status);
      expect(text).toContain(part);
    });
  });

  test("the third request back to back is too much for a Basic key, for each asset class", async () => {
    await withSandbox({ rest: { requestsPerMinute: 5 } }, async (sandbox) => {
      const statuses: number[] = [];
      for (const ticker of ["I:SPX", "I:NDX", "AAPL", "I:VIX", "X:BTCUSD", "MSFT"])
        statuses.push((await refusal(sandbox, rangePath(ticker, FRIDAY, FRIDAY, "limit=1"), key))[0]);
      expect(statuses).toEqual([200, 200, 200, 429, 200, 200]);
      const last = await restGet(sandbox, path);
      expect(last.headers.get("retry-after")).toMatch(/^1[12]$/);
      expect(await last.text()).toContain("You've exceeded the maximum requests per minute, please wait");
    });
  });
});
