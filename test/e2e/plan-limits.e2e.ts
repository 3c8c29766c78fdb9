import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { eveningMs } from "../../src/core/publication.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import { s3Error } from "../../src/sandbox/s3/errors.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { tempDir } from "../support/temp-dir.ts";
import { apiTruthOf, lookAlike, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(120_000);

const [FROM, TODAY] = ["2024-11-04", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const DATES = sessionDates("SPX", FROM, TODAY);

describe("a flat file that is never published", () => {
  test.each([
    ["for a symbol, without an API key", ["--symbols=SPX"], { MASSIVE_API_KEY: "" }],
    ["for every ticker, which the API cannot give", ["--symbols=*", "--dataset=indices"], {}],
  ])("is a failure of its day %s: exit 4 until it is there", async (_, symbols, env) => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const options = { cwd: dir.path, env: { ...server.sandbox.environment, ...env } };
    server.sandbox.hold("indices", "2024-11-14");
    // This one is only late: a day of waiting, no failure.
    server.sandbox.hold("indices", "2024-11-22");
    const command = ["hybrid", ...symbols, ...RANGE];

    const first = await run([...command, "--json"], options);
    expectExit(first, 4);
    expect(first.json()).toMatchObject({
      days: { flatfile: DATES.length - 2, api: 0, pending: 1, denied: 0, failed: 1 },
      failures: [
        {
          dataset: "indices",
          date: "2024-11-14",
          step: "list",
          error: "the vendor lists no flat file for this session",
          hint: "Set MASSIVE_API_KEY to ask the REST API for it.",
          settings: false,
          denied: false,
        },
      ],
    });
    const text = await run(command, options);
    expectExit(text, 4);
    expect(text.stdout).toContain("HYBRID BACKFILL INCOMPLETE");
    const again = [...symbols, ...RANGE].map((flag) => (flag === "--symbols=*" ? "--symbols='*'" : flag));
    for (const flag of again)
      expect(text.stdout.match(/Run it again for the failed days: .*/)?.[0]).toContain(flag);

    server.sandbox.release("indices", "2024-11-14");
    server.sandbox.release("indices", "2024-11-22");
    const last = await run([...command, "--json"], options);
    expectExit(last, 0);
    expect(last.json()).toMatchObject({ days: { flatfile: 2, pending: 0, failed: 0 }, failures: [] });
    const spx = cachedBars(join(dir.path, "data")).filter((line) => line.startsWith("SPX "));
    expect(differences(spx, truthOf(server.sandbox, "SPX", DATES))).toEqual([]);
  });
});

describe("a 403 for a file that the plan includes", () => {
  test("for a long time is the vendor's throttle: its day failed with exit 4, and the next run heals it", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const options = { cwd: dir.path, env: server.sandbox.environment };
    const throttle = { kind: "answer", answer: FAULT_ANSWERS.throttle403() } as const;
    server.sandbox.faults.add({ match: /2024-11-13\.csv/, times: Infinity, fault: throttle });
    const command = ["hybrid", "--symbols=SPX", ...RANGE, "--json"];

    const first = await run(command, options);
    expectExit(first, 4);
    expect(first.json()).toMatchObject({
      days: { flatfile: DATES.length - 1, denied: 0, failed: 1 },
      failures: [
        {
          dataset: "indices",
          date: "2024-11-13",
          step: "download",
          error: expect.stringContaining("too many requests in a short time"),
          hint: "Run the same command again in a few minutes.",
          settings: false,
          denied: false,
        },
      ],
    });
    const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
    expect(status.json()).toMatchObject({ symbols: [{ totals: { failed: 1, denied: 0 } }], gaps: 1 });

    server.sandbox.faults.clear();
    const second = await run(command, options);
    expectExit(second, 0);
    expect(second.json()).toMatchObject({ days: { flatfile: 1, skipped: DATES.length - 1, failed: 0 } });
    expect(differences(cachedBars(join(dir.path, "data")), truthOf(server.sandbox, "SPX", DATES))).toEqual(
      [],
    );
  });
});

describe("the oldest file, by which the plan is probed", () => {
  test.each([
    [416, "InvalidRange"],
    [404, "NoSuchKey"],
  ])("with a fault of its own (HTTP %i) says nothing about the plan", async (status, code) => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const answer = s3Error(status, code, "The object cannot be read.");
    server.sandbox.faults.add({ match: /2024-11-04\.csv/, fault: { kind: "answer", answer } });
    const command = ["hybrid", "--symbols=SPX", ...RANGE, "--json"];
    const outcome = await run(command, { cwd: dir.path, env: server.sandbox.environment });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ days: { flatfile: DATES.length, denied: 0, failed: 0 } });
  });
});

describe("a plan whose API begins on a date", () => {
  const EDGE = "2024-11-13";
  const DENIED = DATES.filter((date) => date < EDGE);
  const INCLUDED = DATES.filter((date) => date >= EDGE);

  test.each([["api"], ["hybrid"]])(
    "gives %s the days from then on; those before are denied, with exit 3",
    async (command) => {
      await using server = await lookAlike(TODAY, { rest: { from: EDGE } });
      using dir = tempDir();
      const { MASSIVE_API_KEY = "", MASSIVE_API_URL = "" } = server.sandbox.environment;
      const options = { cwd: dir.path, env: { MASSIVE_API_KEY, MASSIVE_API_URL } };
      const symbols = ["SPX", "AAPL"];
      const outcome = await run([command, `--symbols=${symbols.join(",")}`, ...RANGE, "--json"], options);
      expectExit(outcome, 3);
      expect(outcome.json()).toMatchObject({
        days: { api: 2 * INCLUDED.length, denied: 2 * DENIED.length, failed: 0 },
      });
      expect(failuresOf(outcome.json())).toEqual(
        expect.arrayContaining(
          DENIED.flatMap((date) => [
            `indices ${date} api denied settings`,
            `stocks ${date} api denied settings`,
          ]),
        ),
      );
      expect(failuresOf(outcome.json())).toHaveLength(2 * DENIED.length);
      const truth = await truthByApi(server.sandbox, symbols, INCLUDED);
      expect(differences(cachedBars(join(dir.path, "data")), truth)).toEqual([]);
      const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
      expect(status.json()).toMatchObject({
        symbols: symbols.map(() => ({ totals: { denied: DENIED.length, provisional: INCLUDED.length } })),
        gaps: 0,
      });

      const second = await run([command, `--symbols=${symbols.join(",")}`, ...RANGE, "--json"], options);
      expectExit(second, 3);
      expect(second.json()).toMatchObject({ days: { api: 0, denied: 2 * DENIED.length } });
    },
  );
});

describe("an API that refuses the key in the middle of a run", () => {
  test("is not asked on: what was answered stays, the rest fails with its words, exit 3", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const { sandbox } = server;
    const answer = jsonAnswer(401, { status: "ERROR", error: "Unknown API Key" });
    sandbox.faults.add({ match: /^\/v2\//, skip: 1, times: Infinity, fault: { kind: "answer", answer } });
    const range = ["--from=2024-11-21", "--to=2024-11-22", `--today=${TODAY}`];
    const command = ["api", "--symbols=SPX,NDX,VIX", ...range];
    const outcome = await run([...command, "--json"], { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 3);
    expect(outcome.json()).toMatchObject({
      command: "api",
      failures: Array.from({ length: 4 }, () => ({
        error: expect.stringContaining("the API key is not accepted (HTTP 401)"),
        settings: true,
        denied: false,
      })),
    });
    // The first, and the two that were under way together when one was refused.
    expect(sandbox.requests.length).toBeWithin(2, 4);
    const truth = truthOf(sandbox, "SPX", ["2024-11-21", "2024-11-22"]);
    expect(differences(cachedBars(join(dir.path, "data")), truth)).toEqual([]);
  });
});

/** The failures of a run as `indices 2024-11-13 api denied settings`. */
function failuresOf(json: Record<string, unknown>): string[] {
  const { failures } = json;
  if (!Array.isArray(failures)) throw new Error("there are no failures");
  return failures.map(
    (failure: { dataset: string; date: string; step: string; denied: boolean; settings: boolean }) =>
      [
        failure.dataset,
        failure.date,
        failure.step,
        ...(failure.denied ? ["denied"] : []),
        ...(failure.settings ? ["settings"] : []),
      ].join(" "),
  );
}

async function truthByApi(
  sandbox: Parameters<typeof apiTruthOf>[0],
  symbols: readonly string[],
  dates: readonly string[],
): Promise<string[]> {
  const answers = symbols.flatMap((symbol) =>
    dates.map((date) => apiTruthOf(sandbox, symbol, date, eveningMs(TODAY))),
  );
  return (await Promise.all(answers)).flat();
}
