import type { SettingDefinition } from "../core/settings.ts";
import { shownAddress } from "../workflows/doctor/shown-address.ts";

/** Of a secret that is long enough, so many characters tell people which one it is. */
const SHOWN_CHARACTERS = 4;
const LONG_ENOUGH = 16;

/** A setting as it may be shown: keys but for their first characters, addresses without what lets somebody in. */
export function maskedSetting({ secret, variable }: SettingDefinition, value: string): string {
  if (secret !== true) return shownAddress(value);
  const isAddress = value.includes("://");
  const url = isAddress ? URL.parse(value) : null;
  if (url !== null && !isMisread(url)) return maskedUrl(url);
  const isKey = !isAddress && !isPassword(variable);
  const shown = value.length >= LONG_ENOUGH && isKey ? `${value.slice(0, SHOWN_CHARACTERS)}…, ` : "";
  return `${shown}${value.length} characters`;
}

/**
 * Whether an address was written with a password whose `/`, `?` or `#` ends the host for the parser: then an `@` stands
 * behind it, and a part of the password in what would be shown.
 */
function isMisread({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}`.includes("@");
}

/** People choose passwords, and reuse them: not even their beginning is shown. A database's address is one with a password. */
function isPassword(variable: string): boolean {
  return variable === "PGPASSWORD" || variable === "DATABASE_URL";
}

/** The path of a health check is its secret; a database URL may have its password among the parameters. */
function maskedUrl(url: URL): string {
  if (url.protocol.startsWith("http")) return `${url.protocol}//${url.host}/…`;
  const user = url.username === "" ? "" : `${url.username}${url.password === "" ? "" : ":…"}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${url.search === "" ? "" : "?…"}`;
}
