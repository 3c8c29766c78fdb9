import type { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { PostgresConnection } from "./connect.ts";

/** Text in the format of COPY, in pieces that end with a line. */
export type CopyPieces = Iterable<CopyPiece> | AsyncIterable<CopyPiece>;
type CopyPiece = string | Uint8Array;

/** Text is handed to the socket in pieces of at least this size. */
const PIECE_BYTES = 65_536;

/**
 * Copies the text with the given `COPY … FROM STDIN`, holding no more than a piece or two of it in memory.
 * Resolves to the number of rows that the server has taken. Rejects with what the server, the network or the source of the
 * text says; the transaction can then be rolled back.
 */
export async function copyInto(
  connection: PostgresConnection,
  statement: string,
  pieces: CopyPieces,
): Promise<number> {
  const { stream, refused, completed } = await startCopy(connection, statement);
  try {
    const write = (piece: Buffer) => connection.run(() => Promise.race([refused, writePiece(stream, piece)]));
    for await (const piece of inLargePieces(pieces)) await write(piece);
    stream.end();
    const { count } = await connection.run(() => Promise.race([refused, completed]));
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
  /** Resolves when the server has taken all rows. */
  readonly completed: Promise<{ readonly count: number }>;
}

async function startCopy(connection: PostgresConnection, statement: string): Promise<RunningCopy> {
  const { promise: refused, reject } = Promise.withResolvers<never>();
  const { promise: completed, resolve } = Promise.withResolvers<{ readonly count: number }>();
  refused.catch(() => {});
  const stream = await connection.run(async (sql) => {
    const query = sql.unsafe(statement);
    // postgres.js 3.4.9 hands what follows the end of a COPY, an error or the number of rows, to its query only,
    // which has already resolved to the stream (its issue 1173). So we listen at the query.
    void Object.assign(query, { reject });
    const writable = await Promise.race([refused, query.writable()]);
    void Object.assign(query, { resolve });
    return writable;
  });
  stream.on("error", reject);
  return { stream, refused, completed };
}

async function* inLargePieces(pieces: CopyPieces): AsyncGenerator<Buffer> {
  let small: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of pieces) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    small.push(bytes);
    sizeBytes += bytes.length;
    if (sizeBytes < PIECE_BYTES) continue;
    yield Buffer.concat(small);
    small = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(small);
}

/**
 * Resolves when the socket has taken the piece and the event loop has made a turn: a socket that takes all it
 * is given would otherwise let nothing else run, not even the arrival of the server's refusal.
 */
async function writePiece(stream: Writable, piece: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.write(piece, (error) => (error ? reject(error) : resolve()));
  await promise;
  await setImmediate();
}
