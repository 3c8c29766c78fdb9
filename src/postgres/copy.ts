import type { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { copyLine, type BarRow, type IntegerColumns } from "./copy-text.ts";
import type { PostgresConnection } from "./connect.ts";

export type BarRows = Iterable<BarRow> | AsyncIterable<BarRow>;

/** Text is handed to the socket in pieces of about this many characters. */
const PIECE_LENGTH = 65_536;

/**
 * Copies the rows with the given `COPY … FROM STDIN`, holding no more than a piece or two of them in memory.
 * Resolves to the number of rows when the server has taken them all. Rejects with what the server, the
 * network or the source of the rows says; the transaction can then be rolled back.
 */
export async function copyRows(
  connection: PostgresConnection,
  statement: string,
  rows: BarRows,
  columns: IntegerColumns,
): Promise<number> {
  const { stream, refused } = await startCopy(connection, statement);
  try {
    const write = (piece: string) => connection.run(() => Promise.race([refused, writePiece(stream, piece)]));
    const count = await writeRows(rows, columns, write);
    await connection.run(() => Promise.race([refused, finish(stream)]));
    return count;
  } catch (error) {
    // Tells the server that no more is to come; if it gave up first, this does nothing.
    stream.destroy(new Error("the sender gave up"));
    throw error;
  }
}

interface RunningCopy {
  readonly stream: Writable;
  /** Rejects if the server gives up on the COPY. */
  readonly refused: Promise<never>;
}

async function startCopy(connection: PostgresConnection, statement: string): Promise<RunningCopy> {
  const { promise: refused, reject } = Promise.withResolvers<never>();
  refused.catch(() => {});
  const stream = await connection.run((sql) => {
    const query = sql.unsafe(statement);
    // postgres.js 3.4.9 hands an error that follows the end of a COPY to its query only, which has already
    // resolved to the stream: the stream never ends (its issue 1173). So we listen at the query.
    void Object.assign(query, { reject });
    return Promise.race([refused, query.writable()]);
  });
  stream.on("error", reject);
  return { stream, refused };
}

async function writeRows(
  rows: BarRows,
  columns: IntegerColumns,
  write: (piece: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  let piece = "";
  const add = (row: BarRow) => {
    piece += copyLine(row, columns);
    count += 1;
    if (piece.length < PIECE_LENGTH) return undefined;
    const full = piece;
    piece = "";
    return write(full);
  };
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) await add(row);
  } else {
    for (const row of rows) {
      const writing = add(row);
      if (writing !== undefined) await writing;
    }
  }
  if (piece !== "") await write(piece);
  return count;
}

/**
 * Resolves when the socket has taken the piece and the event loop has made a turn: a socket that takes all it
 * is given would otherwise let nothing else run, not even the arrival of the server's refusal.
 */
async function writePiece(stream: Writable, piece: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.write(piece, (error) => (error ? reject(error) : resolve()));
  await promise;
  await setImmediate();
}

function finish(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once("finish", () => resolve());
  stream.end();
  return promise;
}
