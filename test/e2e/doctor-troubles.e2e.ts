import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { isObject, run, start, type Outcome } from "../support/binary.ts";
import { filesOf } from "../support/folder.ts";
import { lockableDisk } from "../support/read-only-disk.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

/** Takes every connection and never says a word. */
let silent: Bun.TCPSocketListener;
beforeAll(() => {
  silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
});
afterAll(() => silent.stop(true));

function environment(): Record<string, string> {
  const url = `http://127.0.0.1:${silent.port}`;
  return {
    MASSIVE_S3_ENDPOINT: url,
    MASSIVE_API_URL: url,
    MASSIVE_AWS_ACCESS_KEY: "E2EACCESSKEYID42",
    MASSIVE_AWS_SECRET_KEY: "secret-of-the-silent-one",
    MASSIVE_API_KEY: "api-key-of-the-silent-one",
    MASSIVE_SYMBOLS: "SPX,AAPL",
    PGHOST: "127.0.0.1",
    PGPORT: String(silent.port),
    // It would wait for ever.
    PGCONNECT_TIMEOUT: "0",
  };
}

test("servers that never answer are a red line each, and cost seconds, whatever the settings allow", async () => {
  using dir = tempDir();
  const outcome = await run(["doctor", "--json"], { cwd: dir.path, env: environment() });
  expect(outcome.code).toBe(3);
  expect(redNames(outcome)).toEqual(["S3 keys", "API key", "Postgres"]);
  // 12 s for the slowest check; the rest is for a machine that is busy.
  expect(outcome.durationMs).toBeLessThan(20_000);
  expect(filesOf(dir.path)).toEqual({});
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends it at once", async (signal) => {
  using dir = tempDir();
  const running = start(["doctor"], { cwd: dir.path, env: environment() });
  await running.said("Asking the vendor");
  running.signal(signal);
  const { code, durationMs } = await running.ended;
  expect(code).toBe(130);
  expect(durationMs).toBeLessThan(9000);
});

test("a disk that is read-only, which the superuser may not write to either", async () => {
  using dir = tempDir();
  using disk = lockableDisk(join(dir.path, "data"));
  disk.lock();
  const outcome = await run(["doctor", "--json"], { cwd: dir.path, env: { MASSIVE_API_KEY: "" } });
  expect(outcome.code).toBe(3);
  expect(redNames(outcome)).toEqual(["keys", "data directory"]);
  expect(outcome.stdout).toContain("the disk is read-only");
});

function redNames(outcome: Outcome): unknown[] {
  const { checks } = outcome.json();
  return (Array.isArray(checks) ? checks : []).flatMap((check: unknown) =>
    isObject(check) && check["state"] === "red" ? [check["name"]] : [],
  );
}
