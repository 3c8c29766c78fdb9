import type { Settings } from "../core/settings.ts";
import { parseTarget } from "../postgres/target.ts";

/**
 * The name (host, port, database, schema, table) of the database that the settings give; null if they give none.
 * @throws BackfillError (usage) if its address cannot be read.
 */
export function targetName({ databaseUrl, table }: Settings): string | null {
  return databaseUrl === null ? null : parseTarget(databaseUrl, table).name;
}
