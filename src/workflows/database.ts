import { BackfillError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";

type DatabaseSettings = Pick<Settings, "databaseUrl" | "supabaseWithoutDatabase">;

/** The connection string. Throws a `settings` error, about what we wanted it for, if none is set. */
export function requireDatabase(settings: DatabaseSettings, operation?: string): string {
  if (settings.databaseUrl === null) throw noDatabase(settings, operation);
  return settings.databaseUrl;
}

/** The error for a sync, or another `operation`, without a database. */
export function noDatabase(
  { supabaseWithoutDatabase }: DatabaseSettings,
  operation = "sync to Postgres",
): BackfillError {
  return new BackfillError({
    kind: "settings",
    help: "postgres",
    operation,
    reason: supabaseWithoutDatabase
      ? "SUPABASE_URL is set, but rows are written through a Postgres connection"
      : "no database is set",
    nextStep: supabaseWithoutDatabase
      ? "Set DATABASE_URL to the connection string that the Supabase dashboard shows under Connect (Project Settings, Database)."
      : "Set DATABASE_URL or give --database-url=postgres://user:password@host:5432/database.",
  });
}
