import { SQLiteError } from "bun:sqlite";
import type { Findings } from "./findings.ts";

/** Errors of a file whose pages are not as SQLite wrote them. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB)/;

/**
 * What `read` gives; null if the file of the cache is damaged where it has to look, which is a fault and no reason to
 * look no further. `where` says what could not be read: `the bars of SPX`.
 */
export function readable<T>(
  findings: Findings,
  {
    where,
    ...place
  }: { readonly where: string } & Pick<Parameters<Findings["fault"]>[0], "dataset" | "symbol" | "date">,
  read: () => T,
): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SQLiteError) || error.code === undefined || !DAMAGE.test(error.code)) throw error;
    findings.fault({ kind: "database", ...place, detail: `${where} cannot be read (${error.message})` });
    return null;
  }
}
