import { describe, expect, test } from "bun:test";
import { BackfillError } from "../../src/core/errors.ts";
import { parseDatabaseUrl } from "../../src/postgres/database-url.ts";
import { parseTarget, quoteTable } from "../../src/postgres/target.ts";

const URL_TEXT = "postgresql://ada:secret@db.example.com:6543/market";

function errorOf(work: () => unknown): BackfillError {
  try {
    work();
  } catch (error) {
    if (error instanceof BackfillError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a connection string", () => {
  test("says where the database is and how to log in", () => {
    expect(parseDatabaseUrl(`  ${URL_TEXT}?sslmode=require&options=-c%20a%3Db&pgbouncer=true `)).toEqual({
      host: "db.example.com",
      port: 6543,
      database: "market",
      user: "ada",
      password: "secret",
      tls: "require",
      options: "-c a=b",
    });
  });

  test("may leave out all but the user", () => {
    expect(parseDatabaseUrl("postgres://ada@")).toEqual({
      host: "localhost",
      port: 5432,
      database: "ada",
      user: "ada",
      password: "",
      tls: "prefer",
      options: null,
    });
  });

  test("may escape what a URL cannot hold", () => {
    const { user, password, database } = parseDatabaseUrl("postgres://a%40b:p%3A%2F%23%25@h/my%20db");
    expect({ user, password, database }).toEqual({ user: "a@b", password: "p:/#%", database: "my db" });
  });

  test.each([
    ["postgres://u:p@[2001:DB8::1]:5433/d", "2001:db8::1", 5433],
    ["postgres://u:p@DB.Example.com/d", "db.example.com", 5432],
    ["postgres://u:p@/d?host=/var/run/postgresql&port=5434", "/var/run/postgresql", 5434],
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
    ["postgres://u:hunter2@h:0/d", "its port is not between 1 and 65535"],
    [
      "postgres://u:hunter2@h/d?sslmode=sometimes",
      "its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full",
    ],
  ])("%s is refused without repeating the password", (text, reason) => {
    const error = errorOf(() => parseTarget(text, "bars"));
    expect([error.kind, error.operation, error.reason]).toEqual([
      "settings",
      "read the database URL",
      reason,
    ]);
    expect(`${error.message} ${error.nextStep} ${String(error.stack)}`).not.toContain("hunter2");
  });
});

describe("a target", () => {
  test("is named without user and password", () => {
    expect(parseTarget(URL_TEXT, "historical_bars")).toEqual({
      target: {
        host: "db.example.com",
        port: 6543,
        database: "market",
        schema: "public",
        table: "historical_bars",
      },
      name: "db.example.com:6543/market public.historical_bars",
    });
  });

  test("is the same whatever the user and the options", () => {
    const other = "postgres://bob@DB.EXAMPLE.COM:6543/market?sslmode=disable";
    expect(parseTarget(other, "PUBLIC.Historical_Bars")).toEqual(parseTarget(URL_TEXT, "historical_bars"));
  });

  test.each([
    ["postgres.projectone", "postgres (projectone)"],
    ["postgres.two.x", "postgres (two.x)"],
    ["postgres", "postgres"],
    ["postgres.", "postgres"],
  ])("of the user %s is %s: behind a pooler the project tells databases apart", (user, database) => {
    const url = `postgres://${user}:secret@db.example.com:6543/postgres`;
    expect(parseTarget(url, "historical_bars").name).toBe(
      `db.example.com:6543/${database} public.historical_bars`,
    );
  });

  test("at an IPv6 address has brackets in its name", () => {
    expect(parseTarget("postgres://u@[::1]/d", "bars").name).toBe("[::1]:5432/d public.bars");
  });

  test.each([
    ["bars", "public.bars", '"public"."bars"'],
    ["Market.Bars", "market.bars", '"market"."bars"'],
    ['"Market"."Bars"', '"Market"."Bars"', '"Market"."Bars"'],
    ['"a.b"', 'public."a.b"', '"public"."a.b"'],
    ['"a.b"."c""d"', '"a.b"."c""d"', '"a.b"."c""d"'],
    ['"x; DROP TABLE y"', 'public."x; DROP TABLE y"', '"public"."x; DROP TABLE y"'],
    ["été", 'public."été"', '"public"."été"'],
  ])("the table %s is %s", (text, name, sql) => {
    const parsed = parseTarget(URL_TEXT, text);
    expect([parsed.name, quoteTable(parsed.target)]).toEqual([`db.example.com:6543/market ${name}`, sql]);
  });

  test.each([
    "",
    ".",
    "a.",
    ".a",
    "a.b.c",
    "my table",
    "1m",
    "bars;",
    '"open',
    '""',
    '"a"b',
    "a".repeat(64),
    `"${"é".repeat(32)}"`,
  ])("%p is not the name of a table", (text) => {
    const error = errorOf(() => parseTarget(URL_TEXT, text));
    expect([error.kind, error.operation]).toEqual(["settings", `read the table name ${text}`]);
  });
});
