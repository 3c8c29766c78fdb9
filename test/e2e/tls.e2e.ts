import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { certificateAuthority } from "../support/certificate.ts";
import { storedBars } from "../support/postgres-bars.ts";
import { startPostgres, TEST_PASSWORD, type TestPostgres } from "../support/postgres.ts";
import { expectRefusal } from "../support/refusal.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { smallCache } from "../support/small-cache.ts";

setDefaultTimeout(60_000);

const AUTHORITY = certificateAuthority("Test Authority");
const OTHER_AUTHORITY = certificateAuthority("Other Authority");
let postgres: TestPostgres;

beforeAll(async () => {
  const { keyPem, certificatePem } = AUTHORITY.issue("localhost");
  postgres = await startPostgres({
    settings: ["ssl=on"],
    files: {
      "server.key": keyPem,
      "server.crt": certificatePem,
      "pg_hba.conf": "hostssl all all 127.0.0.1/32 scram-sha-256\n",
    },
  });
});
afterAll(() => postgres.remove());

/** A folder with a cache of a few bars and the certificates of two authorities. */
async function workplace(): Promise<TempDir> {
  const dir = tempDir();
  await smallCache(join(dir.path, "data"));
  writeFileSync(join(dir.path, "ca.crt"), AUTHORITY.certificatePem);
  writeFileSync(join(dir.path, "other.crt"), OTHER_AUTHORITY.certificatePem);
  return dir;
}

/** The server by a name that need not be its own. */
function urlOf(host: string, parameters: string): string {
  const url = new URL(postgres.url);
  url.hostname = host;
  return `${url.href}?hostaddr=127.0.0.1&${parameters}`;
}

describe("a server that takes encrypted connections only", () => {
  test.each([
    ["localhost", "sslmode=require"],
    ["localhost", "sslmode=require&sslrootcert=ca.crt"],
    ["db.example.com", "sslmode=verify-ca&sslrootcert=ca.crt"],
    ["localhost", "sslmode=verify-full&sslrootcert=ca.crt&channel_binding=require"],
  ])("is synced to as %s with %s", async (host, parameters) => {
    using dir = await workplace();
    const table = `t_${Bun.hash(parameters).toString(36)}`;
    const env = { DATABASE_URL: urlOf(host, parameters), MASSIVE_TABLE: table };
    const outcome = await run(["sync", "--json"], { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({
      sync: { target: `${host}:${postgres.port}/postgres public.${table}`, inserted: 3, pending: 0 },
    });
    expect(await storedBars(`${postgres.url}?sslmode=require`, table)).toEqual(
      cachedBars(join(dir.path, "data")),
    );
  });

  test("is believed if ~/.postgresql/root.crt vouches for it, and only then", async () => {
    using dir = await workplace();
    const env = { DATABASE_URL: urlOf("localhost", "sslmode=verify-full"), MASSIVE_TABLE: "of_home" };
    await expectRefusal(dir.path, ["sync"], env, notTrusted("localhost"));
    mkdirSync(join(dir.path, ".postgresql"));
    writeFileSync(join(dir.path, ".postgresql", "root.crt"), AUTHORITY.certificatePem);
    expectExit(await run(["sync"], { cwd: dir.path, env }), 0);
  });

  // Where the system's authorities are is told by variables of OpenSSL's, for those who have them elsewhere.
  test("is believed if the system's authorities vouch for it", async () => {
    using dir = await workplace();
    const env = { DATABASE_URL: urlOf("localhost", "sslrootcert=system"), MASSIVE_TABLE: "of_system" };
    const withFile = (name: string) => ({ ...env, SSL_CERT_FILE: name, SSL_CERT_DIR: "/nowhere" });
    await expectRefusal(dir.path, ["sync"], withFile("other.crt"), notTrusted("localhost"));
    await expectRefusal(dir.path, ["sync"], withFile("/dev/null"), {
      code: 3,
      kind: "settings",
      operation: "read the trusted certificates of the system",
      reason: "it has none",
      nextStep:
        "Install them (often a package ca-certificates), or name the file of the certificate authority in sslrootcert (or PGSSLROOTCERT).",
    });
    expectExit(await run(["sync"], { cwd: dir.path, env: withFile("ca.crt") }), 0);
  });

  test.each(["require", "verify-ca", "verify-full"])(
    "is refused with sslmode=%s if another authority is asked",
    async (mode) => {
      using dir = await workplace();
      const env = { DATABASE_URL: urlOf("localhost", `sslmode=${mode}&sslrootcert=other.crt`) };
      await expectRefusal(dir.path, ["sync"], env, notTrusted("localhost"));
    },
  );

  test("is refused by verify-full under another host's name", async () => {
    using dir = await workplace();
    const env = { DATABASE_URL: urlOf("db.example.com", "sslmode=verify-full&sslrootcert=ca.crt") };
    await expectRefusal(dir.path, ["sync"], env, {
      code: 3,
      kind: "settings",
      operation: `connect to db.example.com:${postgres.port}/postgres`,
      reason: "the server's certificate is for DNS:localhost, not for db.example.com",
      nextStep:
        "Use a host name of the certificate in the database URL, or sslmode=verify-ca to check only who signed it.",
    });
  });

  test("is not asked if the file of the authority is missing", async () => {
    using dir = await workplace();
    const env = { DATABASE_URL: urlOf("localhost", "sslmode=verify-full&sslrootcert=nowhere.crt") };
    await expectRefusal(dir.path, ["sync"], env, {
      code: 3,
      kind: "settings",
      operation: "read the trusted certificates in nowhere.crt",
      reason: "there is no such file",
      nextStep:
        "Name the file of the certificate authority in sslrootcert (or PGSSLROOTCERT); its form is PEM, which begins with -----BEGIN CERTIFICATE-----.",
    });
  });

  test("refuses who does not encrypt", async () => {
    using dir = await workplace();
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: urlOf("localhost", "sslmode=disable") },
      {
        code: 3,
        kind: "settings",
        operation: `connect to localhost:${postgres.port}/postgres`,
        reason:
          'no pg_hba.conf entry for host "127.0.0.1", user "postgres", database "postgres", no encryption',
        nextStep: "Check the user in the database URL; if the server wants encryption, add ?sslmode=require.",
      },
    );
  });
});

function notTrusted(host: string) {
  return {
    code: 3,
    kind: "settings",
    operation: `connect to ${host}:${postgres.port}/postgres`,
    reason: "unable to verify the first certificate",
    nextStep:
      "Name the file of the certificate authority with sslrootcert=FILE in the database URL (or PGSSLROOTCERT), or use sslmode=require without it to encrypt without verifying.",
  };
}

describe("the variables of Postgres' own tools", () => {
  test("are enough, from the environment and from settings files", async () => {
    using dir = await workplace();
    const env = {
      PGHOST: "localhost",
      PGHOSTADDR: "127.0.0.1",
      PGPORT: String(postgres.port),
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: "ca.crt",
      MASSIVE_TABLE: "of_variables",
    };
    writeFileSync(
      join(dir.path, ".env"),
      `PGUSER=postgres\nPGPASSWORD="${TEST_PASSWORD}"\nPGDATABASE=postgres\nPGPORT=1\n`,
    );
    const target = `localhost:${postgres.port}/postgres public.of_variables`;
    const outcome = await run(["sync", "--json"], { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ sync: { target, inserted: 3, pending: 0 } });
    const status = await run(["status", "--json"], { cwd: dir.path, env });
    expect(status.json()).toMatchObject({ sync: { target, unsyncedBatches: 0 } });
    expect(await storedBars(`${postgres.url}?sslmode=require`, "of_variables")).toHaveLength(3);
  });

  test("find a Unix socket", async () => {
    using dir = await workplace();
    const local = await startPostgres({ unixSocket: true });
    const env = {
      PGHOST: local.databaseDir,
      PGPORT: String(local.port),
      PGUSER: "postgres",
      PGPASSWORD: TEST_PASSWORD,
    };
    const outcome = await run(["sync", "--json"], { cwd: dir.path, env });
    const stored = await storedBars(local.url);
    await local.remove();
    expectExit(outcome, 0);
    expect(stored).toEqual(cachedBars(join(dir.path, "data")));
  });

  test("name no database by a user and a password alone", async () => {
    using dir = await workplace();
    const env = { PGUSER: "postgres", PGPASSWORD: TEST_PASSWORD, PGPORT: String(postgres.port) };
    const outcome = await run(["sync"], { cwd: dir.path, env });
    expectExit(outcome, 3);
    expect(outcome.stderr).toContain("no database is set");
  });

  test("are named when they are wrong", async () => {
    using dir = await workplace();
    const env = { PGHOST: "localhost", PGPASSWORD: TEST_PASSWORD, PGPORT: TEST_PASSWORD };
    await expectRefusal(dir.path, ["sync"], env, {
      code: 3,
      kind: "settings",
      operation: "read PGPORT",
      reason: "the port is not between 1 and 65535",
      nextStep: "Correct PGPORT, or leave it unset.",
    });
  });
});
