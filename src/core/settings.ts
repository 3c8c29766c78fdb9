import { BackfillError } from "./errors.ts";
import { isSource, SOURCES, type Source } from "./sources.ts";
import { composeDatabaseUrl, POSTGRES_SETTINGS } from "./postgres-variables.ts";

/** One thing a user can set: its environment variable, its default, what it means. */
export interface SettingDefinition {
  readonly variable: string;
  readonly default?: string;
  readonly secret?: boolean;
  /** The command-line flag that wins over the variable. */
  readonly flag?: string;
  readonly meaning: string;
}

export const SETTINGS = {
  accessKeyId: {
    variable: "MASSIVE_AWS_ACCESS_KEY",
    secret: true,
    meaning: "S3 access key for flat files (Massive dashboard)",
  },
  secretAccessKey: {
    variable: "MASSIVE_AWS_SECRET_KEY",
    secret: true,
    meaning: "S3 secret key for flat files (Massive dashboard)",
  },
  s3Region: { variable: "MASSIVE_S3_REGION", default: "us-east-1", meaning: "S3 region" },
  s3Endpoint: {
    variable: "MASSIVE_S3_ENDPOINT",
    default: "https://files.massive.com",
    meaning: "S3 endpoint of the flat files",
  },
  s3Bucket: { variable: "MASSIVE_S3_BUCKET", default: "flatfiles", meaning: "S3 bucket of the flat files" },
  apiKey: { variable: "MASSIVE_API_KEY", secret: true, meaning: "REST API key (Massive dashboard)" },
  apiUrl: { variable: "MASSIVE_API_URL", default: "https://api.massive.com", meaning: "REST API address" },
  dataDir: {
    variable: "MASSIVE_DATA_DIR",
    default: "./data",
    flag: "data-dir",
    meaning: "folder of the cache and the flat files",
  },
  symbols: {
    variable: "MASSIVE_SYMBOLS",
    flag: "symbols",
    meaning: "symbols to backfill when none are given and none are tracked yet, such as SPX,NDX",
  },
  source: {
    variable: "MASSIVE_SOURCE",
    default: "auto",
    flag: "source",
    meaning: "where hybrid takes bars from: auto, flatfiles, api, cheapest",
  },
  databaseUrl: {
    variable: "DATABASE_URL",
    secret: true,
    flag: "database-url",
    meaning: "Postgres to keep in sync: postgres://user:password@host:5432/database",
  },
  table: {
    variable: "MASSIVE_TABLE",
    default: "historical_bars",
    flag: "table",
    meaning: "table in Postgres, with schema if it is not public",
  },
  healthcheckUrl: {
    variable: "MASSIVE_HEALTHCHECK_URL",
    secret: true,
    flag: "healthcheck-url",
    meaning: "address that hybrid calls at its end, with /fail added to the path if it did not succeed",
  },
  ...POSTGRES_SETTINGS,
} as const satisfies Record<string, SettingDefinition>;

type SettingName = keyof typeof SETTINGS;

/** A place settings come from, and what it says, by variable name. */
export interface SettingSource {
  readonly origin: string;
  readonly values: Readonly<Record<string, string | undefined>>;
}

export interface Settings {
  readonly dataDir: string;
  /** Null if no keys are set. */
  readonly s3: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  } | null;
  /** Null if no key is set. */
  readonly rest: { readonly baseUrl: string; readonly apiKey: string } | null;
  /** With the `PG…` variables in it (`composeDatabaseUrl`); null if no database is set. */
  readonly databaseUrl: string | null;
  readonly table: string;
  /** Names as the user wrote them; empty if unset. */
  readonly symbols: readonly string[];
  readonly source: Source;
  /** A Supabase URL or key is set but no Postgres connection string. */
  readonly supabaseWithoutDatabase: boolean;
}

/**
 * Settles every setting: the first source that says something (not empty) wins, then the default.
 * `sources` come in order of precedence: flags, environment, `.env.local`, `.env`.
 * @throws BackfillError (settings) for half a pair of S3 keys or an address that is no http(s) URL.
 */
export function resolveSettings(sources: readonly SettingSource[]): Settings {
  const find = (variable: string): string | null => {
    for (const { values } of sources) if (values[variable]?.trim()) return values[variable].trim();
    return null;
  };
  const read = (name: SettingName): string | null => {
    const definition: SettingDefinition = SETTINGS[name];
    return find(definition.variable) ?? definition.default ?? null;
  };
  const databaseUrl = composeDatabaseUrl(read("databaseUrl"), find);
  return {
    dataDir: read("dataDir") ?? ".",
    s3: s3Settings(read),
    rest: restSettings(read),
    databaseUrl,
    table: read("table") ?? "",
    symbols: splitList(read("symbols") ?? ""),
    source: sourceSetting(read("source") ?? ""),
    supabaseWithoutDatabase:
      databaseUrl === null && (find("SUPABASE_URL") ?? find("SUPABASE_SERVICE_ROLE_KEY")) !== null,
  };
}

/**
 * The address that a nightly run reports to; null if none is set. It is apart from `Settings`: a run whose other
 * settings are wrong has to report too.
 * @throws BackfillError if it is no http(s) URL: `usage` where a flag says so, else `settings`. It is never shown:
 * whoever knows it can report in the user's name.
 */
export function resolveHealthcheckUrl(sources: readonly SettingSource[]): URL | null {
  const { variable, flag } = SETTINGS.healthcheckUrl;
  const source = sources.find(({ values }) => values[variable]?.trim());
  if (source === undefined) return null;
  const url = URL.parse(source.values[variable]?.trim() ?? "");
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  const isFlag = source.origin === "flag";
  throw new BackfillError({
    kind: isFlag ? "usage" : "settings",
    operation: `read ${isFlag ? `--${flag}` : variable}`,
    reason: "it is not an http(s) address",
    nextStep: "Copy the ping URL that your health-check service shows, such as https://hc-ping.com/….",
  });
}

/** The names in a comma- or space-separated list. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== "");
}

function s3Settings(read: (name: SettingName) => string | null): Settings["s3"] {
  const [accessKeyId, secretAccessKey] = [read("accessKeyId"), read("secretAccessKey")];
  if (accessKeyId === null && secretAccessKey === null) return null;
  if (accessKeyId === null || secretAccessKey === null) {
    const [set, unset] =
      accessKeyId === null
        ? [SETTINGS.secretAccessKey.variable, SETTINGS.accessKeyId.variable]
        : [SETTINGS.accessKeyId.variable, SETTINGS.secretAccessKey.variable];
    throw new BackfillError({
      kind: "settings",
      operation: "read the S3 settings",
      reason: `${set} is set but ${unset} is not`,
      nextStep: `Set ${unset} too: both are on the Flat Files page of the Massive dashboard.`,
    });
  }
  return {
    endpoint: httpAddress(SETTINGS.s3Endpoint.variable, read("s3Endpoint") ?? ""),
    bucket: bucketName(read("s3Bucket") ?? ""),
    region: read("s3Region") ?? "",
    accessKeyId,
    secretAccessKey,
  };
}

function restSettings(read: (name: SettingName) => string | null): Settings["rest"] {
  const apiKey = read("apiKey");
  if (apiKey === null) return null;
  return { baseUrl: httpAddress(SETTINGS.apiUrl.variable, read("apiUrl") ?? ""), apiKey };
}

function sourceSetting(text: string): Source {
  if (isSource(text)) return text;
  throw new BackfillError({
    kind: "settings",
    operation: `read ${SETTINGS.source.variable}`,
    reason: `"${text}" is not a source`,
    nextStep: `Write one of ${SOURCES.join(", ")}.`,
  });
}

function bucketName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(text)) return text;
  throw new BackfillError({
    kind: "settings",
    operation: `read ${SETTINGS.s3Bucket.variable}`,
    reason: `"${text}" is not the name of a bucket`,
    nextStep: `Write the name alone, such as ${SETTINGS.s3Bucket.default}, or leave it unset.`,
  });
}

/** The text of an address that is none, without what may be a user and a password in it (`user:password@`). */
export function withoutLogin(text: string): string {
  return /:.*@/s.test(text) ? `…${text.slice(text.lastIndexOf("@"))}` : text;
}

function httpAddress(variable: string, text: string): string {
  const url = URL.parse(text);
  if (url && (url.protocol === "https:" || url.protocol === "http:")) return text.replace(/\/+$/, "");
  throw new BackfillError({
    kind: "settings",
    operation: `read ${variable}`,
    reason: `"${withoutLogin(text)}" is not an http(s) address`,
    nextStep: `Correct it, or leave ${variable} unset for the vendor's own.`,
  });
}
