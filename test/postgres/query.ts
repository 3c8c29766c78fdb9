import type { PostgresConnection } from "../../src/postgres/connect.ts";

/** The rows of a statement as plain objects, to be compared. */
export async function query(
  connection: PostgresConnection,
  statement: string,
): Promise<Record<string, unknown>[]> {
  const rows = await connection.run((sql) => sql.unsafe(statement));
  return rows.map((row) => Object.fromEntries(Object.entries(row)));
}
