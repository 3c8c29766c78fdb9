import { expect, test } from "bun:test";
import { openApi } from "../../src/workflows/open-api.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { MONDAY_MS, restSettings } from "../massive/support.ts";
import { collectedProgress } from "./run-context.ts";

test("a vendor that wants fewer requests is told of once for each asset class", async () => {
  const sandbox = await startSandbox({ nowMs: () => MONDAY_MS });
  const answer = {
    status: 429,
    headers: { "retry-after": "1" },
    content: { kind: "bytes", bytes: new TextEncoder().encode("{}") },
  } as const;
  // Each of the two classes is refused once.
  sandbox.faults.add({ match: /I:SPX/, fault: { kind: "answer", answer } });
  sandbox.faults.add({ match: /AAPL/, fault: { kind: "answer", answer } });
  const progress = collectedProgress();
  const rest = openApi({ progress }, restSettings(sandbox), null);
  const ask = (dataset: "indices" | "stocks", ticker: string) =>
    rest.getJson({
      url: `${rest.baseUrl}/v2/aggs/ticker/${ticker}/range/1/minute/2024-11-22/2024-11-22`,
      dataset,
      operation: "ask",
    });
  await Promise.all([ask("indices", "I:SPX"), ask("stocks", "AAPL")]);
  await sandbox.stop();
  expect(progress.lines.toSorted()).toEqual([
    "info The API wants fewer requests (HTTP 429): for indices one every 1 s from now on",
    "info The API wants fewer requests (HTTP 429): for stocks one every 1 s from now on",
  ]);
});
