import { expect, test } from "bun:test";
import { checkClock } from "../../../src/workflows/doctor/check-clock.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";

const MINUTE_MS = 60_000;

test.each([
  [0.5, "green", /^right to the minute$/],
  [-0.5, "green", /^right to the minute$/],
  [2.5, "yellow", /^2 min \d\d s behind the vendor's$/],
  [-2.5, "yellow", /^2 min \d\d s ahead of the vendor's$/],
  [14.5, "yellow", /^14 min \d\d s behind the vendor's$/],
  [16.5, "red", /^16 min \d\d s behind the vendor's$/],
  [-16.5, "red", /^16 min \d\d s ahead of the vendor's$/],
])("a server whose clock is %p minutes ahead of ours: %s", async (minutes, state, found) => {
  using place = tempCache();
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      new Response("", { headers: { date: new Date(Date.now() + minutes * MINUTE_MS).toUTCString() } }),
  });
  const { settings, signal } = contextOf(place);
  const rest = { baseUrl: server.url.origin, apiKey: "any" };
  const finding = await checkClock({ ...settings, rest }, signal);
  expect<string>(finding.state).toBe(state);
  expect(finding.found).toMatch(found);
  expect(finding.fix === null).toBe(state === "green");
});
