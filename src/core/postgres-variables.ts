/**
 * The environment variables by which Postgres' own tools find a database, as far as they are understood here.
 * https://www.postgresql.org/docs/current/libpq-envars.html
 */
export const POSTGRES_SETTINGS = {
  pgHost: { variable: "PGHOST", meaning: "host of Postgres, or the folder of its Unix socket" },
  pgHostAddress: { variable: "PGHOSTADDR", meaning: "IP address of that host, to spare looking it up" },
  pgPort: { variable: "PGPORT", default: "5432", meaning: "port of Postgres" },
  pgDatabase: { variable: "PGDATABASE", meaning: "name of the database; the user's if unset" },
  pgUser: { variable: "PGUSER", meaning: "user of the database; the system's if unset" },
  pgPassword: { variable: "PGPASSWORD", secret: true, meaning: "password of that user" },
  pgSslMode: {
    variable: "PGSSLMODE",
    default: "prefer",
    meaning: "encryption: disable, prefer, require, verify-ca or verify-full",
  },
  pgSslRootCertificate: {
    variable: "PGSSLROOTCERT",
    meaning: "file of the authorities whose certificates are trusted, or system",
  },
  pgOptions: { variable: "PGOPTIONS", meaning: "start-up options for the server" },
  pgApplicationName: {
    variable: "PGAPPNAME",
    default: "massive-backfill",
    meaning: "what the server lists the program as",
  },
  pgConnectTimeout: {
    variable: "PGCONNECT_TIMEOUT",
    default: "10",
    meaning: "seconds until a server that does not answer is given up; 0: never",
  },
} as const;

const VARIABLES = Object.values(POSTGRES_SETTINGS).map(({ variable }) => variable);
/** Who sets only a user or a password has not named a database. */
const NAME_A_DATABASE = ["PGHOST", "PGHOSTADDR", "PGDATABASE"];

/**
 * One connection string of all that is set, or null if nothing names a database. The variables ride along as
 * parameters of their own names, escaped; whoever reads the string takes them for what it does not say itself.
 * `valueOf` says what a variable holds, null if it is not set. Nothing is checked here.
 */
export function composeDatabaseUrl(
  databaseUrl: string | null,
  valueOf: (variable: string) => string | null,
): string | null {
  if (databaseUrl === null && NAME_A_DATABASE.every((variable) => valueOf(variable) === null)) return null;
  const url = databaseUrl?.trim() ?? "postgresql://";
  const parameters = VARIABLES.flatMap((variable) => {
    const value = valueOf(variable);
    return value === null ? [] : [`${variable}=${encodeURIComponent(value)}`];
  });
  if (parameters.length === 0) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${parameters.join("&")}`;
}
