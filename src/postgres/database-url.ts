import { userInfo } from "node:os";
import { BackfillError } from "../core/errors.ts";

/** How the connection is encrypted, the values of libpq's `sslmode`. */
type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** What a connection string says. The password is here and nowhere else. */
export interface DatabaseAddress {
  /** Name or address of the server, IPv6 without brackets; a path is the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsMode;
  /** Start-up options for the server or for a pooler in front of it (`options=` of the string). */
  readonly options: string | null;
}

const DEFAULT_PORT = 5432;
const OPERATION = "read the database URL";
const EXAMPLE = "postgresql://user:password@host:5432/database";
const FORM = `Write it as ${EXAMPLE}; in the user and the password, write @ : / ? # % as %40 %3A %2F %3F %23 %25.`;

const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: "disable",
  false: "disable",
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  true: "require",
  "no-verify": "require",
  "verify-ca": "verify-ca",
  "verify-full": "verify-full",
};

/**
 * Reads a connection string (`postgresql://` or `postgres://`) with libpq's defaults: localhost, 5432, the
 * system user, a database named as the user, `sslmode=prefer`. Parameters that other tools put there, such as
 * `pgbouncer=true`, are left out. Throws a `settings` error, which never repeats the string.
 */
export function parseDatabaseUrl(databaseUrl: string): DatabaseAddress {
  const url = parseUrl(databaseUrl.trim());
  const parameter = (name: string) => url.searchParams.get(name) ?? "";
  const user = decode(url.username) || parameter("user") || userInfo().username;
  return {
    host: parameter("host") || hostOf(url) || "localhost",
    port: portOf(parameter("port") || url.port),
    database: decode(url.pathname.slice(1)) || parameter("dbname") || user,
    user,
    password: decode(url.password) || parameter("password"),
    tls: tlsModeOf(parameter("sslmode") || parameter("ssl") || "prefer"),
    options: parameter("options") || null,
  };
}

function parseUrl(text: string): URL {
  if (!/^postgres(?:ql)?:\/\//.test(text)) {
    throw invalid("it does not begin with postgresql:// or postgres://");
  }
  // A URL cannot have a user and no host; a connection string can.
  const url = URL.parse(text.replace(/^([a-z]+:\/\/[^/?#]*@)(?=[/?]|$)/, "$1localhost"));
  if (url === null)
    throw invalid("it is not a URL: the user or the password may have a character that must be escaped");
  // An unescaped # / or ? ends the part before it: the user would be taken for the host.
  const isCutShort = url.username === "" && `${url.pathname}${url.search}`.includes("@");
  if (url.hash !== "" || isCutShort)
    throw invalid("it has an unescaped # / or ? in the user or the password");
  return url;
}

function hostOf(url: URL): string {
  const host = decode(url.hostname).toLowerCase();
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

function portOf(text: string): number {
  if (text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw invalid("its port is not between 1 and 65535");
  return port;
}

function tlsModeOf(text: string): TlsMode {
  const mode = TLS_MODES[text];
  if (mode === undefined) {
    throw invalid("its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full");
  }
  return mode;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("it has a % that is not followed by two hexadecimal digits");
  }
}

function invalid(reason: string): BackfillError {
  return new BackfillError({ kind: "settings", operation: OPERATION, reason, nextStep: FORM });
}
