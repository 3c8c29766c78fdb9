import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { examineSettings } from "../../src/cli/doctor-settings.ts";
import { emptyWorkplace } from "./workplace.ts";

const KEYS = "MASSIVE_AWS_ACCESS_KEY=an-access-key\nMASSIVE_AWS_SECRET_KEY=a-secret-key-of-s3\n";

function examined(file: string, flags: Readonly<Record<string, unknown>> = {}) {
  writeFileSync(".env.local", file, { mode: 0o600 });
  return examineSettings(flags);
}

describe("what is in force", () => {
  test("comes from the first place that says it: flag, environment, .env.local, .env, default", () => {
    using _ = emptyWorkplace();
    writeFileSync(".env", "MASSIVE_S3_REGION=of-env\nMASSIVE_TABLE=of_env\n");
    process.env["MASSIVE_TABLE"] = "of_environment";
    process.env["MASSIVE_DATA_DIR"] = "of-environment";
    const file = `${KEYS}MASSIVE_S3_REGION=of-file\nMASSIVE_SYMBOLS=SPX\n`;
    const { shown, settings } = examined(file, { "data-dir": "of-flag" });
    const told = Object.fromEntries(shown.map(({ name, value, origin }) => [name, `${value} (${origin})`]));
    expect(told).toMatchObject({
      MASSIVE_DATA_DIR: "of-flag (flag)",
      MASSIVE_TABLE: "of_environment (environment)",
      MASSIVE_S3_REGION: "of-file (.env.local)",
      MASSIVE_SYMBOLS: "SPX (.env.local)",
      MASSIVE_S3_BUCKET: "flatfiles (default)",
      MASSIVE_API_KEY: "null (null)",
      MASSIVE_AWS_ACCESS_KEY: "13 characters (.env.local)",
      MASSIVE_AWS_SECRET_KEY: "a-se…, 18 characters (.env.local)",
    });
    expect([settings.dataDir, settings.table, settings.s3?.region]).toEqual([
      "of-flag",
      "of_environment",
      "of-file",
    ]);
  });

  test("leaves out a part that is wrong, and keeps the others", () => {
    using _ = emptyWorkplace();
    const file = "MASSIVE_AWS_ACCESS_KEY=half-a-pair\nMASSIVE_API_KEY=an-api-key\nMASSIVE_SOURCE=nowhere\n";
    const { settings, findings } = examined(file);
    expect([settings.s3, settings.rest?.apiKey, settings.source]).toEqual([null, "an-api-key", "auto"]);
    expect(findings.map(({ name, state, found }) => `${state} ${name}: ${found}`)).toEqual([
      "red settings: read the S3 settings: MASSIVE_AWS_ACCESS_KEY is set but MASSIVE_AWS_SECRET_KEY is not",
      'red settings: read MASSIVE_SOURCE: "nowhere" is not a source',
      "green keys: an API key is set, S3 keys are not",
    ]);
  });
});

test("the address of a health check that is none is red, and not shown", () => {
  using _ = emptyWorkplace();
  const { findings, shown } = examined(`${KEYS}MASSIVE_HEALTHCHECK_URL=hc-ping.com/3f1b-secret-path\n`);
  expect(findings).toEqual([
    { name: "keys", state: "green", found: "S3 keys are set, an API key is not", fix: null, help: null },
    {
      name: "MASSIVE_HEALTHCHECK_URL",
      state: "red",
      found: "it is not an http(s) address",
      fix: "Copy the ping URL that your health-check service shows, such as https://hc-ping.com/….",
      help: "settings",
    },
  ]);
  expect(JSON.stringify({ findings, shown })).not.toContain("secret-path");
});

test("a settings file that cannot be read is red, and the environment stays in force", () => {
  using _ = emptyWorkplace();
  process.env["MASSIVE_API_KEY"] = "an-api-key";
  // A folder in its place: an ordinary user may lack the permission, root never does.
  Bun.spawnSync(["mkdir", ".env.local"]);
  const { settings, findings } = examineSettings({});
  expect(settings.rest?.apiKey).toBe("an-api-key");
  expect(findings.map(({ state, name }) => `${state} ${name}`)).toEqual(["red settings", "green keys"]);
});
