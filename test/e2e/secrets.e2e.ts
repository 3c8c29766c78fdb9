import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { openCacheFile } from "../support/cache-contents.ts";
import { startPostgres, TEST_PASSWORD, type TestPostgres } from "../support/postgres.ts";
import { assertNoSecrets, secretsOf } from "../support/secrets.ts";
import { smallCache } from "../support/small-cache.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const HYBRID = ["hybrid", "--symbols=SPX", "--days=2", `--today=${TODAY}`, "--verbose"];
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

describe("the check that every run of these tests goes through", () => {
  const env = {
    MASSIVE_API_KEY: "key+with/slash",
    DATABASE_URL: "postgres://me:pass%2Fword@host/db",
    PGPASSWORD: "of+a/variable",
    MASSIVE_S3_REGION: "us-east-1",
  };

  test("knows keys and passwords, from flags, environment and files, and how they may be written", () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, ".env.local"), "MASSIVE_AWS_SECRET_KEY='secret-of-file'\n");
    const flags = ["me:of-a-flag@host/db", "host/db?user=me&password=of-a-parameter"];
    const secrets = secretsOf(["sync", ...flags.map((flag) => `--database-url=postgres://${flag}`)], {
      cwd: dir.path,
      env,
    });
    for (const secret of [
      "key+with/slash",
      "key%2Bwith%2Fslash",
      "pass/word",
      "pass%2Fword",
      "of-a-flag",
      "of-a-parameter",
      "of+a/variable",
      "of%2Ba%2Fvariable",
      "secret-of-file",
    ])
      expect(secrets).toContain(secret);
    expect(secrets).toContain(btoa("key+with/slash").replaceAll("=", ""));
    expect(secrets).not.toContain("us-east-1");
  });

  test("finds them on both streams and in files of any kind", () => {
    using dir = tempDir();
    const secrets = secretsOf([], { cwd: dir.path, env });
    const check = (stdout: string, stderr: string) => () =>
      assertNoSecrets(secrets, { stdout, stderr }, dir.path);
    expect(check("fine", "fine")).not.toThrow();
    expect(check("see key+with/slash", "")).toThrow("stdout shows the secret key…");
    expect(check("", "at postgres://me:pass%2Fword@host")).toThrow("stderr shows the secret pas…");
    writeFileSync(
      join(dir.path, "cache.bin"),
      Buffer.concat([Buffer.from([0, 255, 1]), Buffer.from("pass/word")]),
    );
    expect(check("", "")).toThrow("cache.bin shows the secret pas…");
  });
});

test('whoever starts the program in another way than "run" looks for secrets too', () => {
  const files = [...new Bun.Glob("**/*.ts").scanSync(join(import.meta.dir, ".."))].map((name) => ({
    name,
    text: readFileSync(join(import.meta.dir, "..", name), "utf8"),
  }));
  const starters = files.filter(({ text }) => /\bBun\.spawn/.test(text) && text.includes("commandLine("));
  // Those of the bench and of the tests of long outputs are given none.
  const unchecked = starters.filter(({ text }) => !text.includes("assertNoSecrets("));
  expect(unchecked.map(({ name }) => name).toSorted()).toEqual(["e2e/bench.e2e.ts", "e2e/output.e2e.ts"]);
  expect(starters.length).toBeGreaterThan(2);
});

test("a secret is in no place that other users of the machine or the database can look at", async () => {
  using dir = tempDir();
  sandbox.faults.add({ match: /list-type=2/, fault: { kind: "stall" } });
  const env = { ...sandbox.environment, DATABASE_URL: postgres.url };
  const running = start(HYBRID, { cwd: dir.path, env });
  while (!sandbox.requests.some(({ query }) => query.includes("list-type=2"))) await Bun.sleep(5);
  const shown = ["cmdline", "comm", "status"].map((name) =>
    readFileSync(`/proc/${running.pid}/${name}`, "latin1"),
  );
  running.signal("SIGINT");
  expectExit(await running.ended, 130);
  sandbox.faults.clear();
  for (const secret of secretsOf([], { cwd: dir.path, env }))
    expect(shown.filter((text) => text.includes(secret))).toEqual([]);

  expectExit(await run(HYBRID, { cwd: dir.path, env }), 0);
  using db = openCacheFile(join(dir.path, "data"));
  expect(db.query("SELECT name FROM targets").all()).toEqual([
    { name: `127.0.0.1:${postgres.port}/postgres public.historical_bars` },
  ]);
});

describe("no secret is shown with --verbose", () => {
  // What each run must come to; that it shows no secret is what `run` checks.
  test.each([
    ["when all is well", {}, 0],
    ["when the S3 secret is wrong", { MASSIVE_AWS_SECRET_KEY: "a-wrong/secret+key" }, 3],
    ["when the API key is wrong", { MASSIVE_API_KEY: "a-wrong/api+key" }, 3],
    ["when the API key cannot be sent", { MASSIVE_API_KEY: "an api key\nof two lines" }, 3],
    ["when the access key cannot be sent", { MASSIVE_AWS_ACCESS_KEY: "an access key\nof two lines" }, 3],
  ])("%s", async (_, changes, code) => {
    using dir = tempDir();
    const env = { ...sandbox.environment, DATABASE_URL: postgres.url, ...changes };
    const outcome = await run(HYBRID, { cwd: dir.path, env });
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code, stderr: expect.any(String) });
  });

  test.each([
    ["the password is wrong", (url: URL) => (url.password = "a-wrong/password"), 3],
    ["the user is unknown", (url: URL) => (url.username = "nobody"), 3],
    ["the database is not there", (url: URL) => (url.pathname = "/no_such_database"), 3],
    ["nothing listens", (url: URL) => (url.port = "1"), 5],
    ["the address is no database's", (url: URL) => (url.protocol = "mysql:"), 3],
  ])("when for Postgres %s", async (_, spoil, code) => {
    using dir = tempDir();
    await smallCache(join(dir.path, "data"));
    const url = new URL(postgres.url);
    spoil(url);
    const outcome = await run(["sync", "--verbose", "--retry-timeout=0", `--database-url=${url.href}`], {
      cwd: dir.path,
    });
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code, stderr: expect.any(String) });
  });

  test("when the password in the URL is not escaped", async () => {
    using dir = tempDir();
    const url = `postgres://postgres:${TEST_PASSWORD}@127.0.0.1:${postgres.port}/postgres`;
    const outcome = await run(["sync", "--verbose", `--database-url=${url}`], { cwd: dir.path });
    expect(outcome.code).toBe(3);
    expect(outcome.stderr + outcome.stdout).not.toContain(TEST_PASSWORD.slice(0, 6));
  });

  test("when servers answer nonsense that repeats what was sent", async () => {
    using dir = tempDir();
    using echo = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => new Response(JSON.stringify([...request.headers]), { status: 400 }),
    });
    const address = `http://127.0.0.1:${echo.port}`;
    const env = { ...sandbox.environment, MASSIVE_API_URL: address };
    const outcome = await run(["api", "--symbols=SPX", "--days=1", `--today=${TODAY}`, "--verbose"], {
      cwd: dir.path,
      env,
    });
    expect(outcome.code).toBe(4);
    const s3 = await run(HYBRID, {
      cwd: dir.path,
      env: { ...sandbox.environment, MASSIVE_S3_ENDPOINT: address },
    });
    expect([3, 4]).toContain(s3.code ?? 0);
  });

  test("when they come from .env.local, and the API fails in the middle", async () => {
    using dir = tempDir();
    const settings = { ...sandbox.environment, DATABASE_URL: postgres.url };
    const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
    writeFileSync(join(dir.path, ".env.local"), lines.join(""));
    sandbox.faults.add({ match: /^\/v2\//, fault: { kind: "answer", answer: FAULT_ANSWERS.html(404) } });
    const outcome = await run(HYBRID, { cwd: dir.path });
    expect(outcome.code).toBe(4);
  });
});
