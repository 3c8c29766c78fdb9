import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { LinkError } from "./errors.ts";
import { lastWords } from "./last-words.ts";

/** A connected socket, with what postgres.js must not see of it. */
export interface Link {
  /** What postgres.js reads and writes. */
  readonly stream: Duplex;
  /** Rejects when the link breaks; never resolves. */
  readonly lost: Promise<never>;
  /** Breaks the link, for the given reason. */
  lose(error: LinkError): void;
  /** Says goodbye to the server and waits until it has hung up, for a second at most. */
  close(): Promise<void>;
}

/** The message that ends a session. */
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);
const CLOSE_TIMEOUT_MS = 1000;

/**
 * Makes the link over `socket`. Its stream neither fails nor closes when the socket does: postgres.js 3.4.9
 * would reconnect in the middle of a transaction, throw where nobody can catch it (its issues 1066 and 1208),
 * or leave a COPY waiting. Whoever works over the link races it with `lost`.
 */
export function linkOver(socket: Socket): Link {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  // Nobody may be working when the link breaks.
  lost.catch(() => {});
  let reason = "the server closed the connection";
  let lastData: Buffer = Buffer.alloc(0);
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("data", (data: Buffer) => {
    lastData = data;
  });
  // postgres.js tells why a log-in is refused, but not why a session ends: then it waits for more.
  const hungUp = () =>
    setImmediate(() => {
      const words = lastWords(lastData);
      reject(
        words === null ? new LinkError("CONNECTION_LOST", reason) : new LinkError("SERVER_HUNG_UP", words),
      );
    });
  socket.on("end", hungUp);
  socket.on("close", hungUp);
  return {
    stream: streamOver(socket),
    lost,
    lose(error) {
      socket.destroy();
      reject(error);
    },
    close() {
      reject(new LinkError("CONNECTION_LOST", "the connection was closed"));
      return hangUp(socket);
    },
  };
}

function streamOver(socket: Socket): Duplex {
  const stream = new Duplex({
    emitClose: false,
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      socket.write(chunk, (error) => {
        if (!error) done();
      });
    },
  });
  socket.on("data", (data) => {
    if (!stream.push(data)) socket.pause();
  });
  return stream;
}

async function hangUp(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  // Not events.once: that would reject if the server has hung up first.
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
  socket.end(TERMINATE);
  await closed;
  clearTimeout(timer);
}
