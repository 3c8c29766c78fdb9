import type { SettingDefinition } from "../core/settings.ts";
import { shownAddress } from "../workflows/doctor/shown-address.ts";

/** Of a secret that is long enough, so many characters tell people which one it is. */
const SHOWN_CHARACTERS = 4;
const LONG_ENOUGH = 16;

/** A setting as it may be shown: keys but for their first characters, addresses without what lets somebody in. */
export function maskedSetting({ secret }: SettingDefinition, value: string): string {
  if (secret !== true) return shownAddress(value);
  const isAddress = value.includes("://");
  const url = isAddress ? URL.parse(value) : null;
  if (url !== null) return maskedUrl(url);
  const shown = value.length >= LONG_ENOUGH && !isAddress ? `${value.slice(0, SHOWN_CHARACTERS)}…, ` : "";
  return `${shown}${value.length} characters`;
}

/** The path of a health check is its secret; a database URL may have its password among the parameters. */
function maskedUrl(url: URL): string {
  if (url.protocol.startsWith("http")) return `${url.protocol}//${url.host}/…`;
  const user = url.username === "" ? "" : `${url.username}${url.password === "" ? "" : ":…"}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${url.search === "" ? "" : "?…"}`;
}
