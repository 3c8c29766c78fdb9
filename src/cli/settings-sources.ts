import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { BackfillError, errorText } from "../core/errors.ts";
import { SETTINGS, type SettingDefinition, type SettingSource } from "../core/settings.ts";

/** The files settings are read from, in the working directory; the first wins. */
export const SETTINGS_FILES: readonly string[] = [".env.local", ".env"];

/** The bit of a file's mode that lets every user read it. */
const READABLE_BY_OTHERS = 0o004;

/** The places settings come from, in order of precedence: flags, environment, `.env.local`, `.env`. */
export function settingSources(flags: Readonly<Record<string, unknown>>): SettingSource[] {
  return [
    flagSource(flags),
    { origin: "environment", values: process.env },
    ...SETTINGS_FILES.map((name) => ({ origin: name, values: readSettingsFile(name) })),
  ];
}

/** What the flags of a command line say, by variable name. */
export function flagSource(flags: Readonly<Record<string, unknown>>): SettingSource {
  const values: Record<string, string> = {};
  for (const definition of Object.values<SettingDefinition>(SETTINGS)) {
    const value = definition.flag === undefined ? undefined : flags[definition.flag];
    if (typeof value === "string") values[definition.variable] = value;
  }
  return { origin: "flag", values };
}

/** The settings files that hold a secret and that every user of the machine can read; none on Windows, which has no such bits. */
export function exposedSettingsFiles(sources: readonly SettingSource[]): string[] {
  if (process.platform === "win32") return [];
  return sources
    .filter(({ origin, values }) => SETTINGS_FILES.includes(origin) && holdsSecret(values))
    .map(({ origin }) => origin)
    .filter((name) => (statSync(name, { throwIfNoEntry: false })?.mode ?? 0) & READABLE_BY_OTHERS);
}

function holdsSecret(values: SettingSource["values"]): boolean {
  return Object.values<SettingDefinition>(SETTINGS).some(
    ({ secret, variable }) => secret === true && Boolean(values[variable]?.trim()),
  );
}

/** The text of a settings file: Windows' PowerShell writes UTF-16 with a byte order mark, everybody else UTF-8. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}

function readSettingsFile(name: string): Record<string, string | undefined> {
  try {
    return parseEnv(textOf(readFileSync(name)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new BackfillError({
      kind: "settings",
      operation: `read ${name}`,
      reason: errorText(error),
      nextStep: "Correct the file or its permissions.",
      cause: error,
    });
  }
}
