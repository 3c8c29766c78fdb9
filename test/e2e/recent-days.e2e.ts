import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { eveningMs } from "../../src/core/publication.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, cachedDays } from "../support/cache-contents.ts";
import { tempDir } from "../support/temp-dir.ts";
import { apiTruthOf, lookAlike, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";

describe("a file that is late", () => {
  const RANGE = ["--from=2024-11-20", `--to=${TODAY}`, `--today=${TODAY}`, "--json"];

  test("is replaced by the API until it is there, and then replaces it", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: server.sandbox.environment };
    server.sandbox.hold("indices", "2024-11-22");
    server.sandbox.hold("stocks", "2024-11-22");
    const command = ["hybrid", "--symbols=SPX,AAPL", ...RANGE];

    const first = await run(command, options);
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ days: { flatfile: 4, api: 2, skipped: 0, pending: 0 } });
    const files = ["AAPL", "SPX"].flatMap((symbol) =>
      truthOf(server.sandbox, symbol, ["2024-11-20", "2024-11-21"]),
    );
    const nowMs = eveningMs(TODAY);
    const late = await Promise.all(
      ["AAPL", "SPX"].map((symbol) => apiTruthOf(server.sandbox, symbol, "2024-11-22", nowMs)),
    );
    expect(differences(cachedBars(dataDir), [...files, ...late.flat()])).toEqual([]);

    server.sandbox.release("indices", "2024-11-22");
    server.sandbox.release("stocks", "2024-11-22");
    const second = await run(command, options);
    expectExit(second, 0);
    expect(second.json()).toMatchObject({ days: { flatfile: 2, api: 0, skipped: 4, pending: 0 } });
    const dates = ["2024-11-20", "2024-11-21", "2024-11-22"];
    const all = ["AAPL", "SPX"].flatMap((symbol) => truthOf(server.sandbox, symbol, dates));
    expect(differences(cachedBars(dataDir), all)).toEqual([]);
    expect(cachedDays(dataDir).filter((line) => line.includes(" api "))).toEqual([]);
  });

  test("is waited for without an API key", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const { MASSIVE_API_KEY: _, ...env } = server.sandbox.environment;
    server.sandbox.hold("indices", "2024-11-22");
    const command = ["hybrid", "--symbols=SPX", ...RANGE];
    const first = await run(command, { cwd: dir.path, env });
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ days: { flatfile: 2, api: 0, pending: 1 } });
    server.sandbox.release("indices", "2024-11-22");
    const second = await run(command, { cwd: dir.path, env });
    expectExit(second, 0);
    expect(second.json()).toMatchObject({ days: { flatfile: 1, skipped: 2, pending: 0 } });
  });
});

describe("the day that is still running", () => {
  test("grows by the API from evening to evening and becomes a flat file", async () => {
    let today = "2024-11-21";
    await using server = await lookAlike(() => today);
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: server.sandbox.environment };
    const sources: string[][] = [];
    for (today of ["2024-11-21", "2024-11-22", "2024-11-23", "2024-11-24"]) {
      const command = [
        "hybrid",
        "--symbols=C:EUR-USD",
        "--from=2024-11-21",
        `--to=${today}`,
        `--today=${today}`,
      ];
      expectExit(await run(command, options), 0);
      sources.push(cachedDays(dataDir).map((line) => line.split(" ").slice(1, 3).join(" ")));
      const files = sessionDates("C:EUR-USD", "2024-11-21", today).filter((date) => date < today);
      const expected = [
        ...truthOf(server.sandbox, "C:EUR-USD", files),
        ...(await apiTruthOf(server.sandbox, "C:EUR-USD", today, eveningMs(today))),
      ];
      expect(differences(cachedBars(dataDir), expected)).toEqual([]);
    }
    expect(sources).toEqual([
      ["2024-11-21 api"],
      ["2024-11-21 flatfile", "2024-11-22 api"],
      ["2024-11-21 flatfile", "2024-11-22 flatfile"],
      ["2024-11-21 flatfile", "2024-11-22 flatfile", "2024-11-24 api"],
    ]);
  });
});

describe("the REST API", () => {
  const API = ["api", "--symbols=SPX", "--from=2024-11-18", "--to=2024-11-22", `--today=${TODAY}`, "--json"];
  const SPX_DATES = sessionDates("SPX", "2024-11-18", "2024-11-22");

  test("that fails for a moment, asks for patience or answers half is asked again", async () => {
    await using server = await lookAlike(TODAY);
    const { faults } = server.sandbox;
    faults.add({ match: /^\/v2\//, fault: { kind: "answer", answer: FAULT_ANSWERS.restInternalError() } });
    faults.add({ match: /^\/v2\//, fault: { kind: "answer", answer: FAULT_ANSWERS.tooManyRequests(1) } });
    faults.add({ match: /^\/v2\//, fault: { kind: "cut-json" } });
    faults.add({ match: /^\/v2\//, fault: { kind: "reset" } });
    faults.add({ match: /^\/v2\//, fault: { kind: "duplicate-bars" } });
    using dir = tempDir();
    expectExit(await run(API, { cwd: dir.path, env: server.sandbox.environment }), 0);
    expect(
      differences(cachedBars(join(dir.path, "data")), truthOf(server.sandbox, "SPX", SPX_DATES)),
    ).toEqual([]);
  });

  test("is followed from page to page: nothing is lost between them", async () => {
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    const command = [
      "api",
      "--symbols=X:BTC-USD",
      "--from=2024-10-01",
      "--to=2024-11-22",
      `--today=${TODAY}`,
      "--json",
    ];
    const outcome = await run(command, { cwd: dir.path, env: server.sandbox.environment });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ days: { api: 53 }, requests: server.sandbox.requests.length });
    const laterPages = server.sandbox.requests.filter(({ query }) => query.includes("cursor="));
    expect(laterPages.length).toBeGreaterThan(0);
    const dates = sessionDates("X:BTC-USD", "2024-10-01", "2024-11-22");
    // The volume-weighted price, which only the API has, is looked at in the main job's tests.
    const withoutVwap = cachedBars(join(dir.path, "data")).map((line) =>
      line.split(" ").with(8, "-").join(" "),
    );
    expect(differences(withoutVwap, truthOf(server.sandbox, "X:BTC-USD", dates))).toEqual([]);
  });

  test("that leads to another host is not followed, and the key stays here", async () => {
    await using server = await lookAlike(TODAY);
    const heard: string[] = [];
    using stranger = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        heard.push(request.url);
        return new Response("{}");
      },
    });
    server.sandbox.faults.add({
      match: /^\/v2\//,
      fault: { kind: "foreign-next-url", origin: `http://127.0.0.1:${stranger.port}` },
    });
    using dir = tempDir();
    const command = [
      "api",
      "--symbols=X:BTC-USD",
      "--from=2024-10-01",
      "--to=2024-11-22",
      `--today=${TODAY}`,
      "--json",
    ];
    const outcome = await run(command, { cwd: dir.path, env: server.sandbox.environment });
    expectExit(outcome, 4);
    expect(heard).toEqual([]);
    // The days of the page that leads away are kept; those that would have come after it are lost.
    const { failures } = outcome.json();
    const lost = Array.isArray(failures) ? failures.map(({ date }: { date: string }) => date) : [];
    const dates = sessionDates("X:BTC-USD", "2024-10-01", "2024-11-22");
    const kept = cachedDays(join(dir.path, "data")).map((line) => line.split(" ")[1] ?? "");
    expect([lost.length > 0, kept.length > 0]).toEqual([true, true]);
    expect([...kept, ...lost]).toEqual(dates);
    expect(failures).toEqual(
      lost.map((date) => ({
        dataset: "crypto",
        date,
        step: "api",
        error: expect.stringContaining("which is not the API we were told to ask"),
        hint: "If that is the vendor's own server, set MASSIVE_API_URL to it.",
        help: "network",
        settings: false,
        denied: false,
      })),
    );
  });

  test("of a delayed plan: what is not there yet is asked for again", async () => {
    await using server = await lookAlike("2024-11-22", { rest: { delayed: true } });
    using dir = tempDir();
    const command = ["hybrid", "--symbols=SPX", "--days=0", "--today=2024-11-22", "--json"];
    const outcome = await run(command, { cwd: dir.path, env: server.sandbox.environment });
    expectExit(outcome, 0);
    expect(
      differences(cachedBars(join(dir.path, "data")), truthOf(server.sandbox, "SPX", ["2024-11-22"])),
    ).toEqual([]);
  });
});
