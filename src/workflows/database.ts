import { BackfillError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";

type DatabaseSettings = Pick<Settings, "databaseUrl" | "supabaseWithoutDatabase">;

/** The connection string. Throws a `settings` error if none is set. */
export function requireDatabase(settings: DatabaseSettings): string {
  if (settings.databaseUrl === null) throw noDatabase(settings);
  return settings.databaseUrl;
}

/** The error for a sync without a database. */
export function noDatabase({ supabaseWithoutDatabase }: DatabaseSettings): BackfillError {
  return new BackfillError({
    kind: "settings",
    operation: "sync to Postgres",
    reason: supabaseWithoutDatabase
      ? "SUPABASE_URL is set, but rows are written through a Postgres connection"
      : "no database is set",
    nextStep: supabaseWithoutDatabase
      ? "Set DATABASE_URL to the connection string that the Supabase dashboard shows under Connect (Project Settings, Database)."
      : "Set DATABASE_URL or give --database-url=postgres://user:password@host:5432/database.",
  });
}
