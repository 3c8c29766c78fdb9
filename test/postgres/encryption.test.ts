import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { openConnection } from "../../src/postgres/connect.ts";
import { certificateAuthority, selfSignedCertificate, type Certificate } from "../support/certificate.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { query } from "./query.ts";

const OPTIONS = { connectTimeoutMs: 10_000, applicationName: "massive-backfill-test" };
const SET_CERTIFICATE =
  "Name the file of the certificate authority with sslrootcert=FILE in the database URL (or PGSSLROOTCERT), or use sslmode=require without it to encrypt without verifying.";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let folder: TempDir;
let encrypted: TestPostgres;
let selfSigned: TestPostgres;
let plain: TestPostgres;

beforeAll(async () => {
  folder = tempDir();
  const authority = certificateAuthority("Test Authority");
  const issued = authority.issue("localhost");
  const own = selfSignedCertificate();
  const files = {
    "ca.crt": authority.certificatePem,
    "other.crt": certificateAuthority("Other Authority").certificatePem,
    "both.crt": `# ours\n${certificateAuthority("Third").certificatePem}\n${authority.certificatePem}`,
    "self.crt": own.certificatePem,
    "no.crt": "no certificate",
    "bad.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  [encrypted, selfSigned, plain] = await Promise.all([withTls(issued), withTls(own), startPostgres()]);
});
afterAll(async () => {
  await Promise.all([encrypted.remove(), selfSigned.remove(), plain.remove()]);
  folder[Symbol.dispose]();
});

function withTls({ keyPem, certificatePem }: Certificate): Promise<TestPostgres> {
  const files = { "server.key": keyPem, "server.crt": certificatePem };
  return startPostgres({ settings: ["ssl=on"], files });
}

/** The server's URL by a name, with parameters; `FILE.crt` in them is a file of the folder. */
function urlOf(server: TestPostgres, parameters: string, host = "localhost"): string {
  const url = new URL(server.url);
  url.hostname = host;
  const paths = parameters.replace(/[a-z]+\.crt/, (name) => encodeURIComponent(join(folder.path, name)));
  return `${url.href}?hostaddr=127.0.0.1&${paths}`;
}

async function isEncrypted(url: string): Promise<unknown> {
  const connection = await openConnection(url, OPTIONS);
  const [row] = await query(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  await connection.close();
  return row?.["ssl"];
}

describe("a server that offers encryption", () => {
  test.each([
    ["sslmode=disable", false],
    ["sslmode=prefer", true],
    ["sslmode=require", true],
    ["sslmode=prefer&sslrootcert=ca.crt", true],
    ["sslmode=require&sslrootcert=ca.crt", true],
    ["sslmode=verify-ca&sslrootcert=ca.crt", true],
    ["sslmode=verify-full&sslrootcert=ca.crt", true],
    ["sslmode=verify-full&sslrootcert=both.crt", true],
    ["sslmode=disable&sslrootcert=missing.crt", false],
  ])("with %s: encrypted is %p", async (parameters, expected) => {
    expect(await isEncrypted(urlOf(encrypted, parameters))).toBe(expected);
  });

  test("may vouch for itself if its own certificate is the one that is trusted", async () => {
    const url = urlOf(selfSigned, "sslmode=verify-full&sslrootcert=self.crt");
    expect(await isEncrypted(url)).toBe(true);
  });

  test("may have a certificate for another host, unless that is looked at", async () => {
    for (const mode of ["require", "verify-ca"]) {
      const url = urlOf(encrypted, `sslmode=${mode}&sslrootcert=ca.crt`, "db.example.com");
      expect(await isEncrypted(url)).toBe(true);
    }
    const url = urlOf(encrypted, "sslmode=verify-full&sslrootcert=ca.crt", "db.example.com");
    expect(wordsOf(await rejectionOf(openConnection(url, OPTIONS)))).toEqual({
      kind: "settings",
      operation: `connect to db.example.com:${encrypted.port}/postgres`,
      reason: "the server's certificate is for DNS:localhost, not for db.example.com",
      nextStep:
        "Use a host name of the certificate in the database URL, or sslmode=verify-ca to check only who signed it.",
    });
  });

  test("is not known by its address if the certificate has none", async () => {
    const url = urlOf(encrypted, "sslmode=verify-full&sslrootcert=ca.crt", "127.0.0.1");
    expect(await rejectionOf(openConnection(url, OPTIONS))).toMatchObject({
      reason: "the server's certificate is for DNS:localhost, not for 127.0.0.1",
    });
  });

  test.each([
    "sslmode=verify-ca",
    "sslmode=verify-full",
    "sslrootcert=system",
    "sslrootcert=other.crt",
    "sslmode=require&sslrootcert=other.crt",
    "sslmode=verify-ca&sslrootcert=other.crt",
    "sslmode=verify-full&sslrootcert=other.crt",
  ])("is not trusted with %s if nobody trusted has signed its certificate", async (parameters) => {
    const error = await rejectionOf(openConnection(urlOf(encrypted, parameters), OPTIONS));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: `connect to localhost:${encrypted.port}/postgres`,
      reason: "unable to verify the first certificate",
      nextStep: SET_CERTIFICATE,
    });
  });

  test.each([
    ["missing.crt", "there is no such file"],
    ["no.crt", "it holds no certificate in PEM form"],
    ["bad.crt", "a certificate in it cannot be read"],
  ])("is not even asked if %s cannot be used", async (name, reason) => {
    const url = urlOf(encrypted, `sslmode=require&sslrootcert=${name}`);
    expect(wordsOf(await rejectionOf(openConnection(url, OPTIONS)))).toEqual({
      kind: "settings",
      operation: `read the trusted certificates in ${join(folder.path, name)}`,
      reason,
      nextStep:
        "Name the file of the certificate authority in sslrootcert (or PGSSLROOTCERT); its form is PEM, which begins with -----BEGIN CERTIFICATE-----.",
    });
  });
});

describe("a server that offers none", () => {
  test.each(["sslmode=require", "sslmode=verify-full&sslrootcert=ca.crt"])(
    "is refused with %s",
    async (parameters) => {
      const error = await rejectionOf(openConnection(urlOf(plain, parameters), OPTIONS));
      expect(error).toMatchObject({ kind: "settings", reason: "the server does not offer encryption" });
    },
  );

  test.each(["sslmode=prefer", "sslmode=prefer&sslrootcert=ca.crt"])(
    "will do with %s",
    async (parameters) => {
      expect(await isEncrypted(urlOf(plain, parameters))).toBe(false);
    },
  );
});

test("the greeting says the host's name, by which poolers tell databases apart", async () => {
  const greeting = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.once("data", (data) => {
        greeting.resolve(data.toString("latin1"));
        socket.destroy();
      });
      socket.write("S");
    });
  });
  const listening = Promise.withResolvers<number>();
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    listening.resolve(typeof address === "object" && address !== null ? address.port : 0);
  });
  const url = `postgres://u:p@ep-cool-1.example.com:${await listening.promise}/d?hostaddr=127.0.0.1&sslmode=require`;
  const error = await rejectionOf(openConnection(url, OPTIONS));
  server.close();
  expect(error.kind).toBe("target");
  expect(await greeting.promise).toContain("ep-cool-1.example.com");
});
