import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { eveningMs } from "../../src/core/publication.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, cachedDays } from "../support/cache-contents.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { apiTruthOf, lookAlike, sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-18", "2024-11-22"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

describe("flat files that cannot be reached", () => {
  test("fail their days; the recent day comes by API all the same and reaches Postgres", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "unreachable");
    const env = { ...sandbox.environment, MASSIVE_S3_ENDPOINT: "http://127.0.0.1:1", DATABASE_URL: url };
    const outcome = await run(["hybrid", "--symbols=SPX", ...RANGE, "--json"], { cwd: dir.path, env });
    expectExit(outcome, 4);
    const truth = await apiTruthOf(sandbox, "SPX", TODAY, eveningMs(TODAY));
    expect(outcome.json()).toMatchObject({
      days: { flatfile: 0, api: 1, skipped: 0, pending: 0, denied: 0, failed: 4 },
      sync: { bars: truth.length, pending: 0, error: null },
    });
    expect(outcome.stderr).toContain("The run goes on without the indices flat files.");
    expect(differences(await storedBars(url), truth)).toEqual([]);

    const healed = await run(["hybrid", ...RANGE, "--json"], {
      cwd: dir.path,
      env: { ...env, MASSIVE_S3_ENDPOINT: sandbox.url },
    });
    expectExit(healed, 0);
    expect(healed.json()).toMatchObject({ days: { flatfile: 4, api: 0, failed: 0 } });
  });

  test("are told once for all days, not once for each", async () => {
    using dir = tempDir();
    await using server = await lookAlike(TODAY);
    const fault = { kind: "answer", answer: FAULT_ANSWERS.html() } as const;
    server.sandbox.faults.add({ match: /list-type=2/, times: Infinity, fault });
    const options = { cwd: dir.path, env: server.sandbox.environment };
    const outcome = await run(["hybrid", "--symbols=SPX,AAPL", ...RANGE], options);
    expectExit(outcome, 4);
    expect(outcome.stdout).toContain("HYBRID BACKFILL INCOMPLETE");
    const failures = outcome.stdout.split("✖ Failures:\n")[1]?.split("\n\n")[0]?.split("\n") ?? [];
    expect(failures.map((line) => line.slice(0, 48))).toEqual([
      "  indices 2024-11-18 to 2024-11-21, 4 days (list",
      "    → Check the network connection and MASSIVE_S",
      "  stocks 2024-11-18 to 2024-11-21, 4 days (list)",
      "    → Check the network connection and MASSIVE_S",
      "  More: massive-backfill help network",
    ]);
  });
});

describe("--source", () => {
  test("api brings everything by requests; the next run by the guide's rule makes it final", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const options = { cwd: dir.path, env: server.sandbox.environment };
    const byApi = await run(["hybrid", "--symbols=SPX,AAPL", "--source=api", ...RANGE, "--json"], options);
    expectExit(byApi, 0);
    expect(byApi.json()).toMatchObject({ days: { flatfile: 0, api: 10 }, requests: 2, cheaper: null });
    expect(server.sandbox.requests.filter(({ path }) => !path.startsWith("/v2/"))).toEqual([]);
    const again = await run(["hybrid", "--source=api", ...RANGE, "--json"], options);
    expect(again.json()).toMatchObject({ days: { api: 0, skipped: 10 }, requests: 0 });

    const byRule = await run(["hybrid", ...RANGE, "--json"], options);
    expectExit(byRule, 0);
    const stocks = truthOf(server.sandbox, "AAPL", sessionDates("AAPL", FROM, "2024-11-21")).length;
    expect(byRule.json()).toMatchObject({
      days: { flatfile: 8, api: 0, skipped: 2 },
      // The API's bars of a stock have a volume-weighted price, those of flat files have none.
      replaced: { provisional: { days: 8, added: 0, changed: stocks, removed: 0 }, republished: { days: 0 } },
    });
    expect(cachedDays(join(dir.path, "data")).map((line) => line.split(" ")[2])).toEqual([
      "flatfile",
      "flatfile",
      "flatfile",
      "flatfile",
      "api",
      "flatfile",
      "flatfile",
      "flatfile",
      "flatfile",
      "api",
    ]);
  });

  test("flatfiles waits for what is not published, MASSIVE_SOURCE says so too, and the flag wins", async () => {
    using dir = tempDir();
    const env = { ...sandbox.environment, MASSIVE_SOURCE: "flatfiles" };
    const options = { cwd: dir.path, env };
    const first = await run(["hybrid", "--symbols=SPX", ...RANGE, "--json"], options);
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ days: { flatfile: 4, api: 0, pending: 1 }, requests: 0 });
    const auto = await run(["hybrid", "--source=auto", ...RANGE, "--json"], options);
    expect(auto.json()).toMatchObject({ days: { flatfile: 0, api: 1, pending: 0 }, requests: 1 });
  });

  test("cheapest takes the way of less time, and the plan says which and why", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    // The look-alike's files are small: two of them take less time than a request.
    const plan = [
      "hybrid",
      "--symbols=SPX",
      "--source=cheapest",
      "--today=2024-11-22",
      "--dry-run",
      "--json",
    ];
    const short = await run([...plan, "--from=2024-11-20", "--to=2024-11-21"], options);
    expectExit(short, 0);
    expect(short.json()).toMatchObject({
      source: "cheapest",
      totals: { files: 2, requests: 0 },
      estimate: { seconds: 1, judgedBy: "usual speeds" },
      days: [{ reason: "flat file published" }, { reason: "flat file published" }],
    });
    await using server = await lookAlike(TODAY, { tickers: { indices: manyIndices() } });
    const years = await run([...plan, "--from=2023-03-01", "--to=2024-11-21"], {
      ...options,
      env: server.sandbox.environment,
    });
    expectExit(years, 0);
    expect(years.json()).toMatchObject({ totals: { files: 0, requests: 4 } });
  });

  test.each([
    [["--source=s3"], {}, 2, 'read --source: "s3" is not a source'],
    [[], { MASSIVE_SOURCE: "s3" }, 3, 'read MASSIVE_SOURCE: "s3" is not a source'],
    [["--source=api"], { MASSIVE_API_KEY: "" }, 3, "MASSIVE_API_KEY is not set"],
    [["--source=api", "--symbols=*", "--dataset=stocks"], {}, 2, "no question for every ticker"],
    [["--recheck-days=x"], {}, 2, '"x" is not a whole number'],
  ])("is refused where it makes no sense: %p", async (flags, env, code, words) => {
    using dir = tempDir();
    const symbols = flags.some((flag) => flag.startsWith("--symbols")) ? [] : ["--symbols=SPX"];
    const options = { cwd: dir.path, env: { ...sandbox.environment, ...env } };
    const outcome = await run(["hybrid", ...symbols, ...RANGE, ...flags], options);
    expectExit(outcome, code);
    expect(outcome.stderr).toContain(words);
    expect(outcome.stdout).toBe("");
  });
});

/** So many that the look-alike's files of years take longer than a few requests. */
function manyIndices(): string[] {
  return ["I:SPX", ...Array.from({ length: 40 }, (_, index) => `I:MANY${index}`)];
}

test("a nightly run of a few days makes the API's bars of earlier days final, and sends only what changed", async () => {
  using dir = tempDir();
  let today = "2024-11-22";
  await using server = await lookAlike(() => today);
  const url = await newDatabase(postgres, "nightly");
  const options = { cwd: dir.path, env: { ...server.sandbox.environment, DATABASE_URL: url } };
  const night = async (...flags: readonly string[]) => {
    const outcome = await run(["hybrid", "--days=0", `--today=${today}`, "--json", ...flags], options);
    expectExit(outcome, 0);
    return outcome.json();
  };
  expect(await night("--symbols=SPX,NDX")).toMatchObject({ days: { flatfile: 0, api: 1 } });
  server.sandbox.republish("indices", "2024-11-22", ["I:SPX"]);
  today = "2024-11-25";
  // Friday is not among the days asked for; its file has come on Saturday.
  expect(await night()).toMatchObject({
    days: { flatfile: 1, api: 1 },
    replaced: { provisional: { days: 1 } },
    sync: { batches: 3 },
  });
  const truth = (["NDX", "SPX"] as const).map((symbol) => truthOf(server.sandbox, symbol, ["2024-11-22"]));
  const monday = await Promise.all(
    ["NDX", "SPX"].map((symbol) => apiTruthOf(server.sandbox, symbol, "2024-11-25", eveningMs("2024-11-25"))),
  );
  const expected = truth.flatMap((lines, index) => [...lines, ...(monday[index] ?? [])]);
  expect(differences(cachedBars(join(dir.path, "data")), expected)).toEqual([]);
  expect(differences(await storedBars(url), expected)).toEqual([]);
});
