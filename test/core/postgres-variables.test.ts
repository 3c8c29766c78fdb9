import { describe, expect, test } from "bun:test";
import { composeDatabaseUrl } from "../../src/core/postgres-variables.ts";
import { resolveSettings, type SettingSource } from "../../src/core/settings.ts";

// That what is composed here is read as meant: test/postgres/database-url.test.ts.

function composed(databaseUrl: string | null, variables: Readonly<Record<string, string>>): string | null {
  return composeDatabaseUrl(databaseUrl, (name) => variables[name] ?? null);
}

function sources(...values: Readonly<Record<string, string>>[]): SettingSource[] {
  return values.map((one, index) => ({ origin: `source ${index}`, values: one }));
}

describe("composeDatabaseUrl", () => {
  test.each([
    [{}, null],
    [{ PGUSER: "ada", PGPASSWORD: "secret", PGPORT: "5433", PGSSLMODE: "require" }, null],
    [{ PGHOST: "db", PGUSER: "ada" }, "postgresql://?PGHOST=db&PGUSER=ada"],
    [{ PGHOSTADDR: "::1" }, "postgresql://?PGHOSTADDR=%3A%3A1"],
    [{ PGDATABASE: "market" }, "postgresql://?PGDATABASE=market"],
  ])("a database is named by a host or a database, not by a user alone: %j", (variables, url) => {
    expect(composed(null, variables)).toBe(url);
  });

  test.each([
    ["postgres://h/d", "postgres://h/d?PGPORT=1&PGPASSWORD=a%26b%40%2F%2B%20c"],
    ["postgres://h/d?x=y", "postgres://h/d?x=y&PGPORT=1&PGPASSWORD=a%26b%40%2F%2B%20c"],
  ])("%s comes with what it may lack", (url, expected) => {
    expect(composed(url, { PGPORT: "1", PGPASSWORD: "a&b@/+ c", PGTZ: "UTC" })).toBe(expected);
  });

  test("a URL alone is left as it is, whatever it is", () => {
    expect(composed("nonsense", {})).toBe("nonsense");
  });
});

describe("settings", () => {
  test("take each variable from the first source that has it", () => {
    const { databaseUrl } = resolveSettings(
      sources({ PGHOST: "db", PGUSER: "" }, { PGHOST: "other", PGUSER: "ada" }),
    );
    expect(databaseUrl).toBe("postgresql://?PGHOST=db&PGUSER=ada");
  });

  test("have a database by PGHOST, also where Supabase is set", () => {
    expect(
      resolveSettings(sources({ SUPABASE_URL: "https://x.supabase.co", PGHOST: "db" }))
        .supabaseWithoutDatabase,
    ).toBe(false);
  });
});
