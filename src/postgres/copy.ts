import type { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { PostgresConnection } from "./connect.ts";

/** Text in the format of COPY, in pieces that end with a line. */
export type CopyPieces = Iterable<string> | AsyncIterable<string>;

/** Text is handed to the socket in pieces of at least this many characters. */
const PIECE_LENGTH = 65_536;

/**
 * Copies the text with the given `COPY … FROM STDIN`, holding no more than a piece or two of it in memory.
 * Resolves when the server has taken all of it. Rejects with what the server, the network or the source of the
 * text says; the transaction can then be rolled back.
 */
export async function copyInto(
  connection: PostgresConnection,
  statement: string,
  pieces: CopyPieces,
): Promise<void> {
  const { stream, refused } = await startCopy(connection, statement);
  try {
    const write = (piece: string) => connection.run(() => Promise.race([refused, writePiece(stream, piece)]));
    for await (const piece of inLargePieces(pieces)) await write(piece);
    await connection.run(() => Promise.race([refused, finish(stream)]));
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

async function* inLargePieces(pieces: CopyPieces): AsyncGenerator<string> {
  let large = "";
  for await (const piece of pieces) {
    large += piece;
    if (large.length < PIECE_LENGTH) continue;
    yield large;
    large = "";
  }
  if (large !== "") yield large;
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
