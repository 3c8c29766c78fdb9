import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { resolveSettings } from "../../src/core/settings.ts";
import { exposedSettingsFiles, flagSource, settingSources } from "../../src/cli/settings-sources.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";
import { run } from "./run-program.ts";
import { emptyWorkplace } from "./workplace.ts";

let workplace: TempDir;

beforeEach(() => {
  workplace = emptyWorkplace();
});

afterEach(() => {
  workplace[Symbol.dispose]();
});

function tableOf(flags: Readonly<Record<string, unknown>> = {}): string {
  return resolveSettings(settingSources(flags)).table;
}

describe("settingSources", () => {
  test("come in order of precedence", () => {
    expect(settingSources({}).map(({ origin }) => origin)).toEqual([
      "flag",
      "environment",
      ".env.local",
      ".env",
    ]);
  });

  test("win in that order", () => {
    expect(tableOf()).toBe("historical_bars");
    writeFileSync(".env", "MASSIVE_TABLE=of_env\n");
    expect(tableOf()).toBe("of_env");
    writeFileSync(".env.local", "MASSIVE_TABLE=of_env_local\n");
    expect(tableOf()).toBe("of_env_local");
    process.env["MASSIVE_TABLE"] = "of_environment";
    expect(tableOf()).toBe("of_environment");
    expect(tableOf({ table: "of_flag" })).toBe("of_flag");
  });

  test("say nothing if they are set to nothing", () => {
    writeFileSync(".env", "MASSIVE_TABLE=of_env\n");
    writeFileSync(".env.local", "MASSIVE_TABLE=\n");
    process.env["MASSIVE_TABLE"] = "";
    expect(tableOf()).toBe("of_env");
  });

  test("read settings files with comments, quotes, export and CRLF", () => {
    writeFileSync(
      ".env.local",
      [
        "# keys of the dashboard",
        "MASSIVE_AWS_ACCESS_KEY=id-1  # access",
        `MASSIVE_AWS_SECRET_KEY="se#cret = /+"`,
        "export MASSIVE_API_KEY='a b'",
        "",
        "DATABASE_URL=postgres://me:p%40ss@localhost:5432/db?sslmode=require",
      ].join("\r\n"),
    );
    const { s3, rest, databaseUrl } = resolveSettings(settingSources({}));
    expect([s3?.accessKeyId, s3?.secretAccessKey, rest?.apiKey, databaseUrl]).toEqual([
      "id-1",
      "se#cret = /+",
      "a b",
      "postgres://me:p%40ss@localhost:5432/db?sslmode=require",
    ]);
  });

  test.each([
    ["utf-8", Buffer.from("\uFEFFMASSIVE_TABLE=bars\n")],
    ["utf-16le", Buffer.from("\uFEFFMASSIVE_TABLE=bars\r\n", "utf16le")],
    ["utf-16be", Buffer.from("\uFEFFMASSIVE_TABLE=bars\r\n", "utf16le").swap16()],
  ])("read a file with the byte order mark of %s, as Windows' tools write it", (_, bytes) => {
    writeFileSync(".env", bytes);
    expect(tableOf()).toBe("bars");
  });

  test("do not change the environment", () => {
    writeFileSync(".env", "MASSIVE_TABLE=of_env\n");
    settingSources({ table: "of_flag" });
    expect(process.env["MASSIVE_TABLE"]).toBeUndefined();
  });

  test("are refused if a settings file cannot be read", () => {
    mkdirSync(".env");
    const error = thrownBy(() => settingSources({}));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: "read .env",
      reason: expect.stringContaining("EISDIR"),
      nextStep: "Correct the file or its permissions.",
    });
  });
});

test("flagSource has the flags that are settings, by their variables", () => {
  expect(
    flagSource({
      "data-dir": "/d",
      symbols: "SPX",
      "database-url": "postgres://h/d",
      table: "t",
      days: "90",
      json: true,
      from: undefined,
    }),
  ).toEqual({
    origin: "flag",
    values: {
      MASSIVE_DATA_DIR: "/d",
      MASSIVE_SYMBOLS: "SPX",
      DATABASE_URL: "postgres://h/d",
      MASSIVE_TABLE: "t",
    },
  });
  expect(flagSource({ table: true })).toEqual({ origin: "flag", values: {} });
});

function exposed(): string[] {
  return exposedSettingsFiles(settingSources({}));
}

describe("exposedSettingsFiles", () => {
  test("are those with a secret in them that every user can read", () => {
    writeFileSync(".env.local", "MASSIVE_API_KEY=a-key\n");
    chmodSync(".env.local", 0o600);
    expect(exposed()).toEqual([]);
    chmodSync(".env.local", 0o640);
    expect(exposed()).toEqual([]);
    chmodSync(".env.local", 0o644);
    expect(exposed()).toEqual([".env.local"]);
    writeFileSync(".env", "DATABASE_URL=postgres://me:pw@host/db\n");
    chmodSync(".env", 0o604);
    expect(exposed()).toEqual([".env.local", ".env"]);
  });

  test("are none without a secret, nor without files", () => {
    expect(exposed()).toEqual([]);
    writeFileSync(".env.local", "MASSIVE_SYMBOLS=SPX\nMASSIVE_API_KEY=\n");
    chmodSync(".env.local", 0o644);
    process.env["MASSIVE_API_KEY"] = "a-key";
    expect(exposed()).toEqual([]);
  });

  test("are warned of by every command that reads settings, in one line", async () => {
    writeFileSync(".env.local", "PGPASSWORD=pw\n");
    chmodSync(".env.local", 0o644);
    expect((await run("status")).messages).toEqual([
      "warn .env.local holds keys or passwords, and every user of this machine can read it. Mend it with: chmod 600 .env.local",
    ]);
  });
});
