import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run, start, type Outcome } from "../support/binary.ts";
import { CHECK_SECRET, healthService, silence, type HealthService } from "../support/health-service.ts";
import { holdLock } from "../support/lock-holder.ts";
import { tempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const COMMAND = ["hybrid", "--symbols=SPX", "--from=2024-11-21", `--to=${TODAY}`, `--today=${TODAY}`];
/** Several flat files: days that only the API has come too quickly to be stopped. */
const LONGER_COMMAND = COMMAND.map((flag) => flag.replace("--from=2024-11-21", "--from=2024-11-18"));
const TOLD_SUCCESS = [`GET /ping/${CHECK_SECRET}?via=test`];
const TOLD_FAILURE = [`GET /ping/${CHECK_SECRET}/fail?via=test`];
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterAll(() => sandbox.stop());

function environment({ url }: HealthService): Record<string, string> {
  return { ...sandbox.environment, MASSIVE_HEALTHCHECK_URL: url };
}

function expectNothingShown(outcome: Outcome): void {
  expect(outcome.stdout + outcome.stderr).not.toContain(CHECK_SECRET);
}

describe("a health-check service", () => {
  test("is told of a success, by flag, environment or .env.local, and of nothing by a dry run", async () => {
    await using service = healthService();
    using dir = tempDir();
    const env = sandbox.environment;
    const byFlag = await run([...COMMAND, `--healthcheck-url=${service.url}`], { cwd: dir.path, env });
    expectExit(byFlag, 0);
    expectExit(await run(COMMAND, { cwd: dir.path, env: environment(service) }), 0);
    writeFileSync(join(dir.path, ".env.local"), `MASSIVE_HEALTHCHECK_URL=${service.url}\n`);
    expectExit(await run([...COMMAND, "--dry-run"], { cwd: dir.path, env }), 0);
    expectExit(await run(COMMAND, { cwd: dir.path, env }), 0);
    expect(service.requests).toEqual([...TOLD_SUCCESS, ...TOLD_SUCCESS, ...TOLD_SUCCESS]);
    expectNothingShown(byFlag);
  });

  test("is told of days that failed: exit 4", async () => {
    await using service = healthService();
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    // So late that it counts as missing, and no API key to ask instead.
    server.sandbox.hold("indices", "2024-11-12");
    const env = { ...environment(service), ...server.sandbox.environment, MASSIVE_API_KEY: "" };
    const command = COMMAND.map((flag) => flag.replace("--from=2024-11-21", "--from=2024-11-12"));
    expectExit(await run(command, { cwd: dir.path, env }), 4);
    expect(service.requests).toEqual(TOLD_FAILURE);
  });

  test("is told of a database that is away: exit 5", async () => {
    await using service = healthService();
    using dir = tempDir();
    const flags = ["--database-url=postgres://me@127.0.0.1:1/market", "--retry-timeout=0"];
    expectExit(await run([...COMMAND, ...flags], { cwd: dir.path, env: environment(service) }), 5);
    expect(service.requests).toEqual(TOLD_FAILURE);
  });

  test("is told of settings that are wrong, and of a command that names nothing: exit 3 and 2", async () => {
    await using service = healthService();
    using dir = tempDir();
    const env = { MASSIVE_HEALTHCHECK_URL: service.url };
    expectExit(
      await run(COMMAND, { cwd: dir.path, env: { ...env, MASSIVE_AWS_ACCESS_KEY: "half-a-pair" } }),
      3,
    );
    expectExit(await run(COMMAND, { cwd: dir.path, env }), 3);
    expectExit(await run(["hybrid"], { cwd: dir.path, env: environment(service) }), 2);
    expect(service.requests).toEqual([...TOLD_FAILURE, ...TOLD_FAILURE, ...TOLD_FAILURE]);
  });

  test("is told of a run that was kept out by another: exit 7", async () => {
    await using service = healthService();
    using dir = tempDir();
    mkdirSync(join(dir.path, "data"));
    await using holder = await holdLock(join(dir.path, "data"), "hybrid");
    expect(holder.said).toBe("held");
    expectExit(await run(COMMAND, { cwd: dir.path, env: environment(service) }), 7);
    expect(service.requests).toEqual(TOLD_FAILURE);
  });

  test("is told of Ctrl-C: exit 130", async () => {
    await using service = healthService();
    await using server = await lookAlike(TODAY);
    using dir = tempDir();
    server.sandbox.faults.bytesPerSecond = 20_000;
    const env = { ...server.sandbox.environment, MASSIVE_HEALTHCHECK_URL: service.url };
    const running = start(LONGER_COMMAND, { cwd: dir.path, env });
    await running.said("Downloading");
    running.signal("SIGINT");
    expectExit(await running.ended, 130);
    expect(service.requests).toEqual(TOLD_FAILURE);
  });
});

describe("a health-check service that cannot be told", () => {
  test.each<[string, () => HealthService, string]>([
    [
      "redirects",
      () => healthService(() => Response.redirect("/elsewhere", 301)),
      "it redirects (HTTP 301), which is not followed",
    ],
    [
      "does not know the check",
      () => healthService(() => new Response("", { status: 404 })),
      "it answers HTTP 404",
    ],
    ["is silent", () => healthService(silence), "it did not answer in time"],
  ])("because it %s is warned of once, and the exit code stays", async (_, makeService, reason) => {
    await using service = makeService();
    using dir = tempDir();
    const outcome = await run([...COMMAND, "--quiet"], { cwd: dir.path, env: environment(service) });
    expectExit(outcome, 0);
    expect(outcome.stderr).toBe(
      `[warn] The health-check service at ${service.host} could not be told that the run succeeded: ${reason}. That changes nothing about the run.\n`,
    );
    expect(outcome.durationMs).toBeLessThan(15_000);
    expectNothingShown(outcome);
  });

  test("because it is down leaves an error its words and its code", async () => {
    const service = healthService();
    await service[Symbol.asyncDispose]();
    using dir = tempDir();
    const outcome = await run([...COMMAND, "--json"], {
      cwd: dir.path,
      env: { MASSIVE_HEALTHCHECK_URL: service.url },
    });
    expectExit(outcome, 3);
    expect(outcome.json()).toMatchObject({ error: { operation: "connect to Massive" } });
    const [warning, error] = outcome.stderr.split("\n");
    expect(warning?.replace(/\([A-Za-z]*\)/, "(code)")).toBe(
      `[warn] The health-check service at ${service.host} could not be told that the run failed: there is no connection (code). That changes nothing about the run.`,
    );
    expect(error).toBe("[error] connect to Massive: neither S3 keys nor an API key are set");
    expectNothingShown(outcome);
  });
});

test("an address that is none is refused before anything is done, and not shown", async () => {
  using dir = tempDir();
  const options = { cwd: dir.path, env: sandbox.environment };
  const byFlag = await run([...COMMAND, `--healthcheck-url=ftp://x/${CHECK_SECRET}`], options);
  expectExit(byFlag, 2);
  const env = { ...sandbox.environment, MASSIVE_HEALTHCHECK_URL: CHECK_SECRET };
  const bySetting = await run(COMMAND, { ...options, env });
  expectExit(bySetting, 3);
  for (const outcome of [byFlag, bySetting]) {
    expect(outcome.stderr).toContain("it is not an http(s) address");
    expectNothingShown(outcome);
  }
  expect(new Bun.Glob("**").scanSync({ cwd: dir.path }).next().done).toBe(true);
});

test("the demo tells nobody", async () => {
  await using service = healthService();
  using dir = tempDir();
  expectExit(await run(["demo"], { cwd: dir.path, env: { MASSIVE_HEALTHCHECK_URL: service.url } }), 0);
  expect(service.requests).toEqual([]);
});
