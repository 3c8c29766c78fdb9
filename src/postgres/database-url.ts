import { isIP } from "node:net";
import { userInfo } from "node:os";
import {
  invalid,
  parseConnectionUrl,
  severalHosts,
  type ConnectionUrl,
  type Given,
} from "./connection-url.ts";

/** How the connection is encrypted, the values of libpq's `sslmode`. */
type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** What a connection string says. The password is here and nowhere else. */
export interface DatabaseAddress {
  /** Name or address of the server, IPv6 without brackets; a path is the directory of a Unix socket. */
  readonly host: string;
  /** Where to connect instead of looking `host` up. */
  readonly hostAddress: string | null;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsMode;
  /** Who may vouch for the server: a file of certificates, `system` for the system's; null for what is usual. */
  readonly rootCertificates: string | null;
  /** Start-up options for the server or for a pooler in front of it (`options=` of the string). */
  readonly options: string | null;
  readonly applicationName: string | null;
  /** 0 for no limit. */
  readonly connectTimeoutMs: number | null;
}

const DEFAULT_PORT = 5432;
/** The value of `sslrootcert` that is no file. */
export const SYSTEM_CERTIFICATES = "system";

const TLS_MODES: ReadonlyMap<string, TlsMode> = new Map([
  ["disable", "disable"],
  ["false", "disable"],
  ["allow", "prefer"],
  ["prefer", "prefer"],
  ["require", "require"],
  ["true", "require"],
  ["no-verify", "require"],
  ["verify-ca", "verify-ca"],
  ["verify-full", "verify-full"],
]);

/**
 * Reads a connection string (`postgresql://` or `postgres://`), as `composeDatabaseUrl` makes it or as a user
 * writes it. A parameter wins over a part of the URL, that over a `PG…` variable, that over libpq's default:
 * localhost, 5432, the system user, a database named as the user, `sslmode=prefer`. Parameters that other tools
 * put there, such as `pgbouncer=true` or `channel_binding=require`, are left out. Throws a `settings` error,
 * which never repeats the string.
 */
export function parseDatabaseUrl(databaseUrl: string): DatabaseAddress {
  const url = parseConnectionUrl(databaseUrl.trim());
  const user = url.given("user", "PGUSER", url.user).text || systemUser();
  return {
    ...hostOf(url),
    port: portOf(url.given("port", "PGPORT", url.port)),
    database: url.given("dbname", "PGDATABASE", url.database).text || user,
    user,
    password: url.given("password", "PGPASSWORD", url.password).text,
    ...tlsOf(
      url.given("sslmode", "PGSSLMODE", url.parameter("ssl")),
      url.given("sslrootcert", "PGSSLROOTCERT"),
    ),
    options: url.given("options", "PGOPTIONS").text || null,
    applicationName: url.given("application_name", "PGAPPNAME").text || null,
    connectTimeoutMs: timeoutOf(url.given("connect_timeout", "PGCONNECT_TIMEOUT")),
  };
}

/** Bun 1.4.5 takes the name from USER alone, and says "unknown" without it. */
function systemUser(): string {
  return process.env["USER"] ?? process.env["LOGNAME"] ?? userInfo().username;
}

function hostOf(url: ConnectionUrl): Pick<DatabaseAddress, "host" | "hostAddress"> {
  const host = url.given("host", "PGHOST", url.host);
  const address = url.given("hostaddr", "PGHOSTADDR");
  for (const { text, place } of [host, address]) if (text.includes(",")) throw severalHosts(place);
  // A host that the URL names is not at an address that the environment has for another one.
  const isOthers = address.place === "PGHOSTADDR" && host.place !== "PGHOST";
  const hostAddress = isOthers ? "" : address.text;
  if (hostAddress !== "" && isIP(hostAddress) === 0)
    throw invalid("the host address is not an IP address", address.place);
  return {
    host: normalHost(host.text) || hostAddress || "localhost",
    hostAddress: hostAddress || null,
  };
}

function normalHost(text: string): string {
  if (text.startsWith("/")) return text;
  return text.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}

function portOf({ text, place }: Given): number {
  if (text === "") return DEFAULT_PORT;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid("the port is not between 1 and 65535", place);
  return port;
}

function tlsOf(mode: Given, roots: Given): Pick<DatabaseAddress, "tls" | "rootCertificates"> {
  const rootCertificates = roots.text || null;
  const isSystem = rootCertificates === SYSTEM_CERTIFICATES;
  const tls = mode.text === "" ? (isSystem ? "verify-full" : "prefer") : TLS_MODES.get(mode.text);
  if (tls === undefined) {
    throw invalid(
      "the sslmode is none of disable, allow, prefer, require, verify-ca, verify-full",
      mode.place,
    );
  }
  // As in libpq. Anybody can have a certificate of a public authority: only the host's name tells who it is.
  if (isSystem && tls !== "verify-full")
    throw invalid(
      "sslrootcert=system goes with sslmode=verify-full only",
      mode.place,
      "Use sslmode=verify-full, or name the file of the authority's certificate in place of system.",
    );
  return { tls: tls === "require" && rootCertificates !== null ? "verify-ca" : tls, rootCertificates };
}

function timeoutOf({ text, place }: Given): number | null {
  if (text === "") return null;
  // Longer ones are too long for a timer.
  if (!/^\d{1,6}$/.test(text)) throw invalid("the time limit is not a whole number of seconds", place);
  return Number(text) * 1000;
}
