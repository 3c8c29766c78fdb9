import { KEY_COLUMNS, VALUE_COLUMNS } from "./bar-table.ts";
import type { PostgresConnection } from "./connect.ts";
import type { TargetTable } from "./table.ts";
import { quoteTable, type PostgresTarget } from "./target.ts";

/** From the first to the last bar (window starts, epoch ms, both included) of one symbol and timeframe. */
export interface BarRange {
  readonly symbol: string;
  readonly timeframe: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What the table has of a range. */
export interface HeldBars {
  readonly rows: number;
  /** `digestOf` the rows' text; equal digests mean equal rows, others nothing. Null if the server cannot make one. */
  readonly digest: string | null;
}

/** The first server version with `trim_scale`, without which 1.50 and 1.5 look different. */
const DIGEST_SINCE_VERSION = 13;

/** The fingerprint of bars in the text format of COPY, in time order: SHA-256 in hexadecimal digits. */
export function digestOf(copyText: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(copyText).digest("hex");
}

/**
 * Says what the table has of each range, in their order, without moving a row over the network. A row that is
 * equal but written in another way (1e-7, a value that its column has rounded) gives another digest, so a range
 * whose digest differs may still be equal. Columns of double precision have none: as text they lose digits.
 * Call inside `inTransaction`; throws what the server throws.
 */
export async function heldBars(
  connection: PostgresConnection,
  { target, hasFloats }: TargetTable,
  ranges: readonly BarRange[],
): Promise<HeldBars[]> {
  const canTrim = Number.parseInt(connection.serverVersion, 10) >= DIGEST_SINCE_VERSION;
  const statement = lookStatement(target, canTrim && !hasFloats);
  const asked = JSON.stringify(ranges.map((range, index) => ({ index, ...range })));
  return connection.run((sql) => sql.unsafe<HeldBars[]>(statement, [asked]));
}

function lookStatement(target: PostgresTarget, withDigest: boolean): string {
  const digest = `encode(sha256(convert_to(string_agg(${LINE}, '' ORDER BY timestamp), 'UTF8')), 'hex')`;
  return `
SELECT held.rows, held.digest
FROM jsonb_to_recordset($1::text::jsonb)
  AS asked (index int, symbol text, timeframe text, "firstMs" bigint, "lastMs" bigint),
LATERAL (
  SELECT count(*)::int AS rows, ${withDigest ? digest : "NULL"} AS digest
  FROM ${quoteTable(target)} AS bars
  WHERE bars.symbol = asked.symbol AND bars.timeframe = asked.timeframe
    AND bars.timestamp BETWEEN asked."firstMs" AND asked."lastMs"
) AS held
ORDER BY asked.index`;
}

/** A row as `copyText` writes it; numbers without the zeros that a NUMERIC keeps. */
const LINE =
  [
    ...KEY_COLUMNS.map((name) => `bars.${name}`),
    ...VALUE_COLUMNS.map((name) => `coalesce(trim_scale(bars.${name}::numeric)::text, '\\N')`),
  ].join(" || E'\\t' || ") + " || E'\\n'";
