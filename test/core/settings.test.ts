import { describe, expect, test } from "bun:test";
import {
  resolveHealthcheckUrl,
  resolveSettings,
  SETTINGS,
  splitList,
  type Settings,
  type SettingSource,
} from "../../src/core/settings.ts";
import type { ErrorKind } from "../../src/core/errors.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const NOTHING_SET: Settings = {
  dataDir: "./data",
  s3: null,
  rest: null,
  databaseUrl: null,
  table: "historical_bars",
  symbols: [],
  source: "auto",
  supabaseWithoutDatabase: false,
};

const KEYS = { MASSIVE_AWS_ACCESS_KEY: "key-id", MASSIVE_AWS_SECRET_KEY: "key-secret" };

function settingsOf(...values: Readonly<Record<string, string | undefined>>[]): Settings {
  return resolveSettings(values.map((one, index) => ({ origin: `source ${index}`, values: one })));
}

describe("resolveSettings", () => {
  test("has a default for all but keys, symbols and database", () => {
    expect(resolveSettings([])).toEqual(NOTHING_SET);
    expect(settingsOf({}, {})).toEqual(NOTHING_SET);
  });

  test("reads every variable", () => {
    expect(
      settingsOf({
        ...KEYS,
        MASSIVE_S3_REGION: "eu-west-1",
        MASSIVE_S3_ENDPOINT: "http://127.0.0.1:9000",
        MASSIVE_S3_BUCKET: "massive-flatfiles",
        MASSIVE_API_KEY: "api-key",
        MASSIVE_API_URL: "https://api.polygon.io",
        MASSIVE_DATA_DIR: "/srv/bars",
        MASSIVE_SYMBOLS: "SPX,NDX",
        DATABASE_URL: "postgres://localhost/bars",
        MASSIVE_TABLE: "market.bars",
        MASSIVE_SOURCE: "cheapest",
      }),
    ).toEqual({
      dataDir: "/srv/bars",
      s3: {
        endpoint: "http://127.0.0.1:9000",
        bucket: "massive-flatfiles",
        region: "eu-west-1",
        accessKeyId: "key-id",
        secretAccessKey: "key-secret",
      },
      rest: { baseUrl: "https://api.polygon.io", apiKey: "api-key" },
      databaseUrl: "postgres://localhost/bars",
      table: "market.bars",
      symbols: ["SPX", "NDX"],
      source: "cheapest",
      supabaseWithoutDatabase: false,
    });
  });

  test("takes each setting from the first source that has it", () => {
    const { dataDir, table, symbols } = settingsOf(
      { MASSIVE_DATA_DIR: "from flag" },
      { MASSIVE_DATA_DIR: "from environment", MASSIVE_TABLE: "environment_bars" },
      { MASSIVE_TABLE: "local_bars", MASSIVE_SYMBOLS: "VIX" },
      { MASSIVE_DATA_DIR: "from .env", MASSIVE_SYMBOLS: "RUT" },
    );
    expect({ dataDir, table, symbols }).toEqual({
      dataDir: "from flag",
      table: "environment_bars",
      symbols: ["VIX"],
    });
  });

  test("passes over what is set to nothing", () => {
    expect(
      settingsOf(
        { MASSIVE_DATA_DIR: "", DATABASE_URL: undefined, MASSIVE_TABLE: "   " },
        { MASSIVE_DATA_DIR: "/srv/bars", DATABASE_URL: "postgres://localhost/bars" },
      ),
    ).toEqual({ ...NOTHING_SET, dataDir: "/srv/bars", databaseUrl: "postgres://localhost/bars" });
  });

  test("drops spaces and line ends around a value", () => {
    expect(settingsOf({ MASSIVE_DATA_DIR: " /srv/bars\r\n" }).dataDir).toBe("/srv/bars");
  });

  test("uses the vendor's own addresses when only keys are set", () => {
    const { s3, rest } = settingsOf({ ...KEYS, MASSIVE_API_KEY: "api-key" });
    expect({ s3, rest }).toEqual({
      s3: {
        endpoint: "https://files.massive.com",
        bucket: "flatfiles",
        region: "us-east-1",
        accessKeyId: "key-id",
        secretAccessKey: "key-secret",
      },
      rest: { baseUrl: "https://api.massive.com", apiKey: "api-key" },
    });
  });

  test("puts a pair of keys together from two sources", () => {
    const { s3 } = settingsOf({ MASSIVE_AWS_ACCESS_KEY: "key-id" }, { MASSIVE_AWS_SECRET_KEY: "key-secret" });
    expect(s3).toMatchObject({ accessKeyId: "key-id", secretAccessKey: "key-secret" });
  });

  test.each([
    ["MASSIVE_AWS_ACCESS_KEY", "MASSIVE_AWS_SECRET_KEY"],
    ["MASSIVE_AWS_SECRET_KEY", "MASSIVE_AWS_ACCESS_KEY"],
  ])("refuses %s without %s, and does not show it", (set, unset) => {
    const error = thrownBy(() => settingsOf({ [set]: "do-not-print", [unset]: "" }));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: "read the S3 settings",
      reason: `${set} is set but ${unset} is not`,
      nextStep: `Set ${unset} too: both are on the Flat Files page of the Massive dashboard.`,
    });
  });

  test.each([
    ["http://user:sEcretpw@127.0.0.1:99999/", "…@127.0.0.1:99999/"],
    ["http://user:sEc/retpw@127.0.0.1:1/", "…@127.0.0.1:1/"],
    ["user:sEcretpw@127.0.0.1", "…@127.0.0.1"],
  ])("refuses %s as an address, and shows no password of it", (address, shown) => {
    const error = thrownBy(() => settingsOf({ MASSIVE_API_KEY: "api-key", MASSIVE_API_URL: address }));
    expect(error.reason).toBe(`"${shown}" is not an http(s) address`);
  });

  test.each(["files.massive.com", "ftp://files.massive.com", "localhost:9000", "https://", "//files", "a b"])(
    "refuses %j as an address",
    (address) => {
      const expected = (variable: string) => ({
        kind: "settings" as const,
        operation: `read ${variable}`,
        reason: `"${address}" is not an http(s) address`,
        nextStep: `Correct it, or leave ${variable} unset for the vendor's own.`,
      });
      const s3 = thrownBy(() => settingsOf({ ...KEYS, MASSIVE_S3_ENDPOINT: address }));
      expect(wordsOf(s3)).toEqual(expected("MASSIVE_S3_ENDPOINT"));
      const rest = thrownBy(() => settingsOf({ MASSIVE_API_KEY: "api-key", MASSIVE_API_URL: address }));
      expect(wordsOf(rest)).toEqual(expected("MASSIVE_API_URL"));
    },
  );

  test("takes the slashes off the end of an address", () => {
    const { s3, rest } = settingsOf({
      ...KEYS,
      MASSIVE_S3_ENDPOINT: "http://127.0.0.1:9000/",
      MASSIVE_API_KEY: "api-key",
      MASSIVE_API_URL: "https://proxy.example/massive//",
    });
    expect(s3?.endpoint).toBe("http://127.0.0.1:9000");
    expect(rest?.baseUrl).toBe("https://proxy.example/massive");
  });

  test.each(["s3://flatfiles", "flatfiles/us_indices", "flat files", "https://files.massive.com", "x"])(
    "refuses the bucket %s",
    (bucket) => {
      const keys = { MASSIVE_AWS_ACCESS_KEY: "id", MASSIVE_AWS_SECRET_KEY: "secret" };
      expect(wordsOf(thrownBy(() => settingsOf({ ...keys, MASSIVE_S3_BUCKET: bucket })))).toEqual({
        kind: "settings",
        operation: "read MASSIVE_S3_BUCKET",
        reason: `"${bucket}" is not the name of a bucket`,
        nextStep: "Write the name alone, such as flatfiles, or leave it unset.",
      });
      expect(settingsOf({ MASSIVE_S3_BUCKET: bucket })).toEqual(NOTHING_SET);
      expect(settingsOf({ ...keys, MASSIVE_S3_BUCKET: "my-bucket.2" }).s3?.bucket).toBe("my-bucket.2");
    },
  );

  test("does not care about an address that is not used", () => {
    expect(settingsOf({ MASSIVE_S3_ENDPOINT: "nonsense", MASSIVE_API_URL: "nonsense" })).toEqual(NOTHING_SET);
  });

  test.each([{ SUPABASE_URL: "https://x.supabase.co" }, { SUPABASE_SERVICE_ROLE_KEY: "role-key" }])(
    "notices %j without a Postgres connection string",
    (supabase) => {
      expect(settingsOf(supabase)).toEqual({ ...NOTHING_SET, supabaseWithoutDatabase: true });
      expect(
        settingsOf({ DATABASE_URL: "postgres://localhost/bars" }, supabase).supabaseWithoutDatabase,
      ).toBe(false);
    },
  );
});

function source(origin: string, url: string): SettingSource {
  return { origin, values: { MASSIVE_HEALTHCHECK_URL: url } };
}

describe("resolveHealthcheckUrl", () => {
  test("takes the first that is set; null if none is", () => {
    expect(resolveHealthcheckUrl([])).toBeNull();
    expect(resolveHealthcheckUrl([source("flag", " ")])).toBeNull();
    const sources = [
      source("flag", ""),
      source(".env.local", "https://hc-ping.com/a?b=c"),
      source(".env", "x"),
    ];
    expect(resolveHealthcheckUrl(sources)?.href).toBe("https://hc-ping.com/a?b=c");
  });

  test.each<[string, ErrorKind, string]>([
    ["flag", "usage", "read --healthcheck-url"],
    [".env.local", "settings", "read MASSIVE_HEALTHCHECK_URL"],
  ])("refuses what is no http(s) address from %s, without showing it", (origin, kind, operation) => {
    for (const url of ["do-not-print", "ftp://do-not-print/x", "//do-not-print", "do-not-print:80/x"])
      expect(wordsOf(thrownBy(() => resolveHealthcheckUrl([source(origin, url)])))).toEqual({
        kind,
        operation,
        reason: "it is not an http(s) address",
        nextStep: "Copy the ping URL that your health-check service shows, such as https://hc-ping.com/….",
      });
  });
});

test("every key and every address that may hold a password is marked as secret", () => {
  const secrets = Object.values(SETTINGS).flatMap((setting) =>
    "secret" in setting && setting.secret ? [setting.variable as string] : [],
  );
  expect(secrets.toSorted()).toEqual([
    "DATABASE_URL",
    "MASSIVE_API_KEY",
    "MASSIVE_AWS_ACCESS_KEY",
    "MASSIVE_AWS_SECRET_KEY",
    "MASSIVE_HEALTHCHECK_URL",
    "PGPASSWORD",
  ]);
});

test.each([
  ["", []],
  [" , ,", []],
  ["SPX", ["SPX"]],
  ["SPX,NDX", ["SPX", "NDX"]],
  ["SPX, NDX\nVIX\t RUT,", ["SPX", "NDX", "VIX", "RUT"]],
])("splitList(%j)", (text, names) => {
  expect(splitList(text)).toEqual(names);
});
