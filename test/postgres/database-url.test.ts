import { describe, expect, test } from "bun:test";
import { composeDatabaseUrl } from "../../src/core/postgres-variables.ts";
import { parseDatabaseUrl, type DatabaseAddress } from "../../src/postgres/database-url.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const URL_TEXT = "postgresql://ada:secret@db.example.com:6543/market";

/** What is said by the least that can be said. */
const LEAST: DatabaseAddress = {
  host: "localhost",
  hostAddress: null,
  port: 5432,
  database: "ada",
  user: "ada",
  password: "",
  tls: "prefer",
  rootCertificates: null,
  options: null,
  applicationName: null,
  connectTimeoutMs: null,
};

/** What a URL and variables mean together. */
function addressOf(url: string | null, variables: Readonly<Record<string, string>>): DatabaseAddress {
  return parseDatabaseUrl(composeDatabaseUrl(url, (name) => variables[name] ?? null) ?? "");
}

const SSL_MODES = "the sslmode is none of disable, allow, prefer, require, verify-ca, verify-full";
const SEVERAL_HOSTS = "it names several hosts; one is supported";

test("a + in a parameter is a +, as in Postgres' own tools", () => {
  expect(parseDatabaseUrl("postgres://u@h/d?password=a+b%20c").password).toBe("a+b c");
});

describe("a connection string", () => {
  test("says where the database is and how to log in", () => {
    const parameters =
      "sslmode=require&sslrootcert=%2Fetc%2Fca.crt&options=-c%20a%3Db&application_name=night%20run&connect_timeout=3";
    const others = "pgbouncer=true&channel_binding=require&sslnegotiation=direct";
    expect(parseDatabaseUrl(`  ${URL_TEXT}?${parameters}&${others} `)).toEqual({
      host: "db.example.com",
      hostAddress: null,
      port: 6543,
      database: "market",
      user: "ada",
      password: "secret",
      tls: "verify-ca",
      rootCertificates: "/etc/ca.crt",
      options: "-c a=b",
      applicationName: "night run",
      connectTimeoutMs: 3000,
    });
  });

  test("may leave out all but the user", () => {
    expect(parseDatabaseUrl("postgres://ada@")).toEqual(LEAST);
  });

  test("may escape what a URL cannot hold", () => {
    const { user, password, database } = parseDatabaseUrl("postgres://a%40b:p%3A%2F%23%25@h/my%20db");
    expect({ user, password, database }).toEqual({ user: "a@b", password: "p:/#%", database: "my db" });
  });

  test.each([
    ["postgres://u:p@[2001:DB8::1]:5433/d", "2001:db8::1", 5433],
    ["postgres://u:p@DB.Example.com/d", "db.example.com", 5432],
    ["postgres://u:p@/d?host=/var/run/postgresql&port=5434", "/var/run/postgresql", 5434],
    ["postgresql:///d?host=/Run/Postgres", "/Run/Postgres", 5432],
    ["postgres://u:p@%2FRun%2FPostgres:5435/d", "/Run/Postgres", 5435],
    ["postgres://:5433/d", "localhost", 5433],
    ["postgres://u@:5433", "localhost", 5433],
    ["postgres://:p@h/d", "h", 5432],
    ["postgres://u:p@one/d?host=TWO&port=7", "two", 7],
    ["postgres://u:p@/d?hostaddr=::1", "::1", 5432],
  ])("%s is at %s, port %d", (text, host, port) => {
    const address = parseDatabaseUrl(text);
    expect([address.host, address.port]).toEqual([host, port]);
  });

  test.each([
    ["sslmode=disable", "disable"],
    ["sslmode=allow", "prefer"],
    ["sslmode=verify-ca", "verify-ca"],
    ["sslmode=verify-full", "verify-full"],
    ["sslmode=no-verify", "require"],
    ["ssl=true", "require"],
    ["sslrootcert=/ca.crt", "prefer"],
    ["sslrootcert=/ca.crt&sslmode=require", "verify-ca"],
    ["sslrootcert=/ca.crt&sslmode=verify-full", "verify-full"],
    ["sslrootcert=system", "verify-full"],
    ["sslrootcert=system&sslmode=verify-full", "verify-full"],
  ] as const)("%s means %s", (parameter, tls) => {
    expect(parseDatabaseUrl(`${URL_TEXT}?${parameter}`).tls).toBe(tls);
  });

  test.each([
    ["", "it does not begin with postgresql:// or postgres://"],
    ["mysql://u:hunter2@h/d", "it does not begin with postgresql:// or postgres://"],
    [
      "postgres://u:hunter2#x@h/d",
      "it is not a URL: the user or the password may have a character that must be escaped",
    ],
    ["postgres://u:12#hunter2@h/d", "it has an unescaped # / or ? in the user or the password"],
    ["postgres://u:12/hunter2@h/d", "it has an unescaped # / or ? in the user or the password"],
    ["postgres://u:12?hunter2@h/d", "it has an unescaped # / or ? in the user or the password"],
    ["postgres://u:hunter2%zz@h/d", "it has a % that is not followed by two hexadecimal digits"],
    [
      "postgres://u:hunter2@h:99999/d",
      "it is not a URL: the user or the password may have a character that must be escaped",
    ],
    ["postgres://u:hunter2@h:0/d", "the port is not between 1 and 65535"],
    ["postgres://u:hunter2@h/d?port=5e3", "the port is not between 1 and 65535"],
    ["postgres://u:hunter2@h/d?connect_timeout=-1", "the time limit is not a whole number of seconds"],
    ["postgres://u:hunter2@h/d?hostaddr=h", "the host address is not an IP address"],
    ["postgres://u:hunter2@h/d?sslmode=constructor", SSL_MODES],
    [
      "postgres://u:hunter2@h/d?sslrootcert=system&sslmode=require",
      "sslrootcert=system goes with sslmode=verify-full only",
    ],
    ["postgres://u:hunter2@h1,h2/d", SEVERAL_HOSTS],
    ["postgres://u:hunter2@h1:5432,h2:5433/d", SEVERAL_HOSTS],
    ["postgres://h1,h2/d?password=hunter2", SEVERAL_HOSTS],
    ["postgres://u:hunter2@/d?host=h1,h2", SEVERAL_HOSTS],
    ["postgres://u:hunter2@h/d?sslmode=sometimes", SSL_MODES],
  ])("%s is refused without repeating the password", (text, reason) => {
    const error = thrownBy(() => parseDatabaseUrl(text));
    expect([error.kind, error.operation, error.reason]).toEqual([
      "settings",
      "read the database URL",
      reason,
    ]);
    expect(`${error.message} ${error.nextStep} ${String(error.stack)}`).not.toContain("hunter2");
  });

  test("may have a comma in the password", () => {
    expect(parseDatabaseUrl("postgres://ada:a,b@h")).toEqual({ ...LEAST, host: "h", password: "a,b" });
  });
});

describe("the variables of Postgres' own tools", () => {
  test("are enough without a URL", () => {
    expect(
      addressOf(null, {
        PGHOST: "DB.example.com",
        PGHOSTADDR: "203.0.113.7",
        PGPORT: "6543",
        PGDATABASE: "my db/é?",
        PGUSER: "a@b:c",
        PGPASSWORD: "p+w &=#%20/?@",
        PGSSLMODE: "verify-full",
        PGSSLROOTCERT: "/etc/my ca.crt",
        PGOPTIONS: "-c a=b -c c=d",
        PGAPPNAME: "night+run",
        PGCONNECT_TIMEOUT: "0",
      }),
    ).toEqual({
      host: "db.example.com",
      hostAddress: "203.0.113.7",
      port: 6543,
      database: "my db/é?",
      user: "a@b:c",
      password: "p+w &=#%20/?@",
      tls: "verify-full",
      rootCertificates: "/etc/my ca.crt",
      options: "-c a=b -c c=d",
      applicationName: "night+run",
      connectTimeoutMs: 0,
    });
  });

  test.each([
    [{ PGHOST: "2001:DB8::1" }, { host: "2001:db8::1" }],
    [{ PGHOST: "[::1]" }, { host: "::1" }],
    [{ PGHOST: "/Run/Postgres" }, { host: "/Run/Postgres" }],
    [{ PGHOSTADDR: "127.0.0.1" }, { host: "127.0.0.1", hostAddress: "127.0.0.1" }],
    [{ PGDATABASE: "market" }, { database: "market" }],
  ])("%j is %j, with libpq's defaults", (variables, expected) => {
    expect(addressOf(null, { ...variables, PGUSER: "ada" })).toEqual({ ...LEAST, ...expected });
  });

  const OTHERS = {
    PGHOST: "other",
    PGHOSTADDR: "203.0.113.7",
    PGPORT: "1",
    PGDATABASE: "other",
    PGUSER: "other",
    PGPASSWORD: "other",
    PGSSLMODE: "disable",
    PGSSLROOTCERT: "/other.crt",
    PGOPTIONS: "other",
    PGAPPNAME: "other",
    PGCONNECT_TIMEOUT: "1",
  };

  test("give way to the URL, which gives way to its own parameters", () => {
    const parameters =
      "sslmode=verify-ca&sslrootcert=/own.crt&options=own&application_name=own&connect_timeout=2";
    const own: DatabaseAddress = {
      ...LEAST,
      host: "own",
      port: 2,
      database: "own",
      user: "own",
      password: "own",
      tls: "verify-ca",
      rootCertificates: "/own.crt",
      options: "own",
      applicationName: "own",
      connectTimeoutMs: 2000,
    };
    expect(addressOf(`postgres://own:own@own:2/own?${parameters}`, OTHERS)).toEqual(own);
    const all = `host=own&port=2&dbname=own&user=own&password=own&${parameters}`;
    expect(addressOf(`postgres://part:part@part:3/part?${all}`, OTHERS)).toEqual(own);
  });

  test.each(["postgres://", "postgres:///", "postgres://?sslmode=", "postgresql://?"])(
    "fill all that %s leaves open",
    (url) => {
      expect(addressOf(url, OTHERS)).toEqual(addressOf(null, OTHERS));
    },
  );

  test("fill what a URL leaves open, but have no address for the URL's host", () => {
    expect(addressOf("postgres://own/market", OTHERS)).toEqual({
      host: "own",
      hostAddress: null,
      port: 1,
      database: "market",
      user: "other",
      password: "other",
      tls: "disable",
      rootCertificates: "/other.crt",
      options: "other",
      applicationName: "other",
      connectTimeoutMs: 1000,
    });
    expect(addressOf("postgres://own@/market", OTHERS)).toMatchObject({ host: "other", user: "own" });
  });

  test.each([
    ["PGPORT", "hunter2", "the port is not between 1 and 65535"],
    ["PGSSLMODE", "hunter2", SSL_MODES],
    ["PGCONNECT_TIMEOUT", "hunter2", "the time limit is not a whole number of seconds"],
    ["PGHOSTADDR", "hunter2", "the host address is not an IP address"],
  ])("%s=%s is refused without repeating it", (variable, value, reason) => {
    const error = thrownBy(() => addressOf("postgres://:hunter2@/d", { [variable]: value }));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: `read ${variable}`,
      reason,
      nextStep: `Correct ${variable}, or leave it unset.`,
    });
    expect(String(error.stack)).not.toContain("hunter2");
  });

  test("name one host only", () => {
    expect(wordsOf(thrownBy(() => addressOf(null, { PGHOST: "a,b" })))).toEqual({
      kind: "settings",
      operation: "read PGHOST",
      reason: SEVERAL_HOSTS,
      nextStep: "Name one host: the primary, which takes writes.",
    });
  });

  test("do not make a bad URL good", () => {
    const bad = "postgres://u:12#hunter2@h/d";
    const error = thrownBy(() => addressOf(bad, OTHERS));
    expect(wordsOf(error)).toEqual(wordsOf(thrownBy(() => parseDatabaseUrl(bad))));
  });
});
