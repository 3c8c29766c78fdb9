import { POSTGRES_SETTINGS } from "../core/postgres-variables.ts";
import {
  resolveHealthcheckUrl,
  resolveSettings,
  SETTINGS,
  type SettingDefinition,
  type Settings,
  type SettingSource,
} from "../core/settings.ts";
import { BackfillError } from "../core/errors.ts";
import { fromError, green, red, yellow, type Finding } from "../workflows/doctor/findings.ts";
import { nearestWord } from "./arguments.ts";
import { PROGRAM } from "./help/program.ts";
import { maskedSetting } from "./masked-setting.ts";
import { exposedSettingsFiles, settingSources } from "./settings-sources.ts";

/** A setting as it is in force. */
export interface ShownSetting {
  readonly name: string;
  /** Without what is secret; null if it is unset. */
  readonly value: string | null;
  /** `flag`, `environment`, `.env.local`, `.env` or `default`; null if it is unset. */
  readonly origin: string | null;
}

export interface SettingsExamination {
  readonly shown: readonly ShownSetting[];
  readonly findings: readonly Finding[];
  /** What is in force; parts that are wrong count as unset. */
  readonly settings: Settings;
}

const { s3Endpoint, s3Bucket, s3Region, accessKeyId, secretAccessKey, apiKey, apiUrl } = SETTINGS;
const { databaseUrl, table, dataDir, symbols, source } = SETTINGS;
/** Settings that are right or wrong together, so that a mistake in one part leaves the others in force. */
const PARTS = {
  s3: variablesOf([s3Endpoint, s3Bucket, s3Region, accessKeyId, secretAccessKey]),
  rest: variablesOf([apiKey, apiUrl]),
  database: [
    ...variablesOf([databaseUrl, ...Object.values<SettingDefinition>(POSTGRES_SETTINGS)]),
    "SUPABASE_URL",
    "SUPABASE_SERVICE_ROLE_KEY",
  ],
  source: variablesOf([source]),
  others: variablesOf([table, dataDir, symbols]),
} as const;

/** Reads all settings, each with its origin, and looks for what is wrong with them. Never throws for a wrong one. */
export function examineSettings(flags: Readonly<Record<string, unknown>>): SettingsExamination {
  const findings: Finding[] = [];
  const sources = readableSources(flags, findings);
  const part = (variables: readonly string[]): Settings => {
    try {
      return resolveSettings(sources.map((one) => only(one, variables)));
    } catch (error) {
      findings.push(settingsFinding(error));
      return resolveSettings([]);
    }
  };
  const database = part(PARTS.database);
  const settings = {
    ...part(PARTS.others),
    s3: part(PARTS.s3).s3,
    rest: part(PARTS.rest).rest,
    source: part(PARTS.source).source,
    databaseUrl: database.databaseUrl,
    supabaseWithoutDatabase: database.supabaseWithoutDatabase,
  };
  findings.push(
    ...keyFindings(settings, findings),
    ...healthcheckFindings(sources),
    ...typoFindings(sources),
    ...exposureFindings(sources),
  );
  return { shown: shownSettings(sources), findings, settings };
}

/** All sources; a settings file that cannot be read is told and left out. */
function readableSources(flags: Readonly<Record<string, unknown>>, findings: Finding[]): SettingSource[] {
  try {
    return settingSources(flags);
  } catch (error) {
    findings.push(settingsFinding(error));
    return [{ origin: "environment", values: process.env }];
  }
}

/** Which setting or file is wrong is told with the reason. */
function settingsFinding(error: unknown): Finding {
  const finding = fromError("settings", error);
  return { ...finding, found: error instanceof BackfillError ? error.message : finding.found };
}

function only({ origin, values }: SettingSource, variables: readonly string[]): SettingSource {
  return { origin, values: Object.fromEntries(variables.map((variable) => [variable, values[variable]])) };
}

function variablesOf(definitions: readonly SettingDefinition[]): string[] {
  return definitions.map(({ variable }) => variable);
}

function keyFindings({ s3, rest }: Settings, before: readonly Finding[]): Finding[] {
  if (s3 !== null && rest !== null) return [green("keys", "S3 keys and an API key are set")];
  if (s3 !== null) return [green("keys", "S3 keys are set, an API key is not")];
  if (rest !== null) return [green("keys", "an API key is set, S3 keys are not")];
  // Half a pair is told already.
  if (before.some(({ state }) => state === "red")) return [];
  return [
    red(
      "keys",
      "neither S3 keys nor an API key are set",
      `Put MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY, or MASSIVE_API_KEY, into .env.local; \`${PROGRAM} demo\` needs none.`,
      "settings",
    ),
  ];
}

function healthcheckFindings(sources: readonly SettingSource[]): Finding[] {
  try {
    resolveHealthcheckUrl(sources);
    return [];
  } catch (error) {
    return [fromError(SETTINGS.healthcheckUrl.variable, error)];
  }
}

function typoFindings(sources: readonly SettingSource[]): Finding[] {
  const known = Object.values<SettingDefinition>(SETTINGS).map(({ variable }) => variable);
  const unknown = sources.flatMap(({ origin, values }) =>
    Object.keys(values)
      .filter(
        (name) =>
          name.startsWith("MASSIVE_") && !name.startsWith("MASSIVE_BACKFILL_") && !known.includes(name),
      )
      .map((name) => [name, origin] as const),
  );
  return unknown.map(([name, origin]) => {
    const near = nearestWord(name, known);
    return yellow(
      "settings",
      `${name} (${origin}) is no setting of this program`,
      near === undefined ? `See ${PROGRAM} help settings.` : `Did you mean ${near}?`,
      "settings",
    );
  });
}

function exposureFindings(sources: readonly SettingSource[]): Finding[] {
  return exposedSettingsFiles(sources).map((name) =>
    yellow(
      "settings",
      `${name} holds keys or passwords, and every user of this machine can read it`,
      `chmod 600 ${name}`,
    ),
  );
}

function shownSettings(sources: readonly SettingSource[]): ShownSetting[] {
  return Object.values<SettingDefinition>(SETTINGS).map((definition) => {
    const { variable } = definition;
    const from = sources.find(({ values }) => values[variable]?.trim());
    if (from !== undefined)
      return {
        name: variable,
        value: maskedSetting(definition, from.values[variable]?.trim() ?? ""),
        origin: from.origin,
      };
    return definition.default === undefined
      ? { name: variable, value: null, origin: null }
      : { name: variable, value: definition.default, origin: "default" };
  });
}
