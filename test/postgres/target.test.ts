import { describe, expect, test } from "bun:test";
import { BackfillError } from "../../src/core/errors.ts";
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
