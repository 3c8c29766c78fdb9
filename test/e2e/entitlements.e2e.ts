import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { tempDir } from "../support/temp-dir.ts";
import { lookAlike, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, EDGE, TODAY] = ["2024-11-11", "2024-11-18", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=2024-11-22`, `--today=${TODAY}`];
const DATES = sessionDates("SPX", FROM, "2024-11-22");
const REFUSED = DATES.filter((date) => date < EDGE);
const INCLUDED = DATES.filter((date) => date >= EDGE);
const HYBRID = ["hybrid", "--symbols=SPX", "--json"];

/** The environment of a look-alike without the key of its API. */
function filesOnly({ environment }: Sandbox): Record<string, string> {
  return { ...environment, MASSIVE_API_KEY: "" };
}

/** The dates of the files that were asked for since the last look, each once, in order. */
function filesAsked({ requests }: Sandbox): string[] {
  return [...new Set(requests.flatMap(({ path }) => /([\d-]{10})\.csv/.exec(path)?.[1] ?? []))].toSorted();
}

const KNOWN_EDGE = {
  source: "flatfile",
  dataset: "indices",
  ticker: null,
  refusedTo: REFUSED.at(-1),
  refusedAlways: false,
  allowedFrom: EDGE,
  sentence: "forbidden",
  seenAt: "2024-11-25T02:00:00.000Z",
  recheckDue: false,
};

describe("download", () => {
  test("asks for what the plan refuses no more, until it is told to", async () => {
    await using server = await lookAlike(TODAY, { planFrom: { indices: EDGE } });
    const { sandbox } = server;
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const download = ["download", "--dataset=indices", ...RANGE];

    const first = await run([...download, "--json"], options);
    expectExit(first, 3);
    const refusals = [{ dataset: "indices", refusedTo: REFUSED.at(-1), sentence: "forbidden" }];
    expect(first.json()).toMatchObject({
      files: { downloaded: INCLUDED.length },
      days: { denied: REFUSED.length, failed: 0 },
      refusals,
    });

    sandbox.clearRequests();
    const second = await run(download, options);
    expectExit(second, 3);
    expect(second.stdout).toContain(
      `${REFUSED.length} days not in your plan (indices up to 2024-11-15: "forbidden").`,
    );
    expect(filesAsked(sandbox)).toEqual([]);

    sandbox.changePlan({ planFrom: { indices: FROM } });
    const third = await run([...download, "--recheck-entitlements", "--json"], options);
    expectExit(third, 0);
    expect(third.json()).toMatchObject({
      files: { downloaded: REFUSED.length, reused: INCLUDED.length },
      days: { denied: 0 },
      refusals: [],
    });
    const status = await run(["status", "--json"], { cwd: dir.path });
    expect(status.json()).toMatchObject({ entitlements: [] });
  });
});

describe("hybrid", () => {
  test("does not take a throttle at its very first question for the plan's edge", async () => {
    await using server = await lookAlike(TODAY);
    const { sandbox } = server;
    using dir = tempDir();
    const throttle = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    sandbox.faults.add({ match: /\.csv\.gz/, times: 3, fault: throttle });
    const outcome = await run([...HYBRID, ...RANGE], { cwd: dir.path, env: filesOnly(sandbox) });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ days: { flatfile: DATES.length, denied: 0, failed: 0 } });
    const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
    expect(status.json()).toMatchObject({ entitlements: [], gaps: 0 });
  });

  test("remembers what the plan refuses: the second run asks for nothing, and status tells why", async () => {
    await using server = await lookAlike(TODAY, { planFrom: { indices: EDGE } });
    const { sandbox } = server;
    using dir = tempDir();
    const options = { cwd: dir.path, env: filesOnly(sandbox) };
    const days = { denied: REFUSED.length, failed: 0, pending: 0 };
    const first = await run([...HYBRID, ...RANGE], options);
    expectExit(first, 3);
    expect(first.json()).toMatchObject({ days: { ...days, flatfile: INCLUDED.length } });
    expect(differences(cachedBars(join(dir.path, "data")), truthOf(sandbox, "SPX", INCLUDED))).toEqual([]);

    sandbox.clearRequests();
    const second = await run([...HYBRID, ...RANGE], options);
    expectExit(second, 3);
    expect(second.json()).toMatchObject({ days: { ...days, flatfile: 0, skipped: INCLUDED.length } });
    expect(filesAsked(sandbox)).toEqual([]);

    const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
    expect(status.json()).toMatchObject({
      symbols: [{ totals: { denied: REFUSED.length, complete: INCLUDED.length } }],
      entitlements: [KNOWN_EDGE],
      gaps: 0,
    });
    expect(JSON.stringify(status.json())).toContain("the vendor says: forbidden");
    const text = await run(["status", ...RANGE], { cwd: dir.path });
    expect(text.stdout).toContain(
      'Not in your plan: indices flat files up to 2024-11-15 ("forbidden", seen 2024-11-24; tried again weekly or with --recheck-entitlements)\n',
    );
  });

  test("asks the API for what the flat files refuse, without asking them for it again", async () => {
    await using server = await lookAlike(TODAY, { planFrom: { indices: null } });
    const { sandbox } = server;
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const first = await run([...HYBRID, ...RANGE], options);
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ days: { api: DATES.length, flatfile: 0, denied: 0 } });
    sandbox.clearRequests();
    const second = await run(["hybrid", "--symbols=NDX", "--json", ...RANGE], options);
    expectExit(second, 0);
    expect(second.json()).toMatchObject({ days: { api: DATES.length, flatfile: 0, denied: 0 } });
    expect(filesAsked(sandbox)).toEqual([]);
  });

  test("tries again after a week what a plan refused that includes it meanwhile", async () => {
    let today = "2024-11-16";
    await using server = await lookAlike(() => today, { planFrom: { indices: EDGE } });
    const { sandbox } = server;
    using dir = tempDir();
    const options = { cwd: dir.path, env: filesOnly(sandbox) };
    const on = (date: string) => {
      today = date;
      return run([...HYBRID, `--from=${FROM}`, "--to=2024-11-15", `--today=${date}`], options);
    };
    expectExit(await on("2024-11-16"), 3);
    sandbox.changePlan({ planFrom: { indices: FROM } });
    sandbox.clearRequests();
    expectExit(await on("2024-11-22"), 3);
    expect(filesAsked(sandbox)).toEqual([]);
    const healed = await on("2024-11-23");
    expectExit(healed, 0);
    expect(healed.json()).toMatchObject({ days: { flatfile: REFUSED.length, denied: 0 } });
    expect(differences(cachedBars(join(dir.path, "data")), truthOf(sandbox, "SPX", REFUSED))).toEqual([]);
  });

  test("finds out that a plan has become smaller, and keeps what it has", async () => {
    await using server = await lookAlike(TODAY);
    const { sandbox } = server;
    using dir = tempDir();
    const options = { cwd: dir.path, env: filesOnly(sandbox) };
    const [last = ""] = DATES.slice(-1);
    sandbox.hold("indices", last);
    expectExit(await run([...HYBRID, ...RANGE], options), 0);
    sandbox.release("indices", last);
    sandbox.changePlan({ planFrom: { indices: null } });
    const outcome = await run([...HYBRID, ...RANGE], options);
    expectExit(outcome, 3);
    expect(outcome.json()).toMatchObject({ days: { flatfile: 0, skipped: DATES.length - 1, denied: 1 } });
    const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
    expect(status.json()).toMatchObject({
      symbols: [{ totals: { complete: DATES.length - 1, denied: 1 } }],
      entitlements: [{ ...KNOWN_EDGE, refusedTo: last, allowedFrom: null }],
    });
  });
});
test("hybrid --recheck-entitlements fetches at once what a better plan includes", async () => {
  await using server = await lookAlike(TODAY, { planFrom: { indices: EDGE } });
  const { sandbox } = server;
  using dir = tempDir();
  const options = { cwd: dir.path, env: { ...sandbox.environment, MASSIVE_API_KEY: "" } };
  const hybrid = ["hybrid", "--symbols=SPX", "--json", ...RANGE];
  expectExit(await run(hybrid, options), 3);
  sandbox.changePlan({ planFrom: { indices: FROM } });
  expectExit(await run(hybrid, options), 3);
  const healed = await run([...hybrid, "--recheck-entitlements"], options);
  expectExit(healed, 0);
  expect(healed.json()).toMatchObject({ days: { flatfile: REFUSED.length, denied: 0 } });
  const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
  expect(status.json()).toMatchObject({ entitlements: [], gaps: 0 });
});
