import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TABLE } from "../support/bars-server.ts";
import { timed } from "../support/process.ts";

export const PSQL = "psql \\copy";

/** Where Debian keeps the programs of each version. Its `psql` on the PATH is a script that looks for one of them. */
const DEBIAN = "/usr/lib/postgresql";
const COLUMNS = "symbol, timeframe, timestamp, open, high, low, close, volume, vwap, trades";

/** The path of psql; null if it is not on this machine. */
export function findPsql(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const own = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, "bin", "psql"))
    .find((path) => existsSync(path));
  return own ?? Bun.which("psql");
}

/** Seconds in which psql copies the file `text` (the text format of COPY) into the table, whole process. */
export async function psqlSeconds(psql: string, url: string, text: string): Promise<number> {
  const copy = `\\copy ${TABLE} (${COLUMNS}) from '${text.replaceAll("'", "''")}'`;
  const options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"];
  return (await timed([psql, ...options, `--dbname=${url}`, `--command=${copy}`])).seconds;
}
