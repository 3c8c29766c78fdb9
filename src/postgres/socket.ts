import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { DatabaseAddress } from "./database-url.ts";
import { LinkError } from "./errors.ts";
import { tlsOptions } from "./tls.ts";

/** The message that asks for encryption: its length, then the code 1234,5679. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const SSL_ACCEPTED = "S";
const SSL_REFUSED = "N";
/** Routers and firewalls forget a connection that is silent for some minutes, as it is in a long statement. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/**
 * A connected socket to the server, encrypted as `address.tls` says; `signal` ends the attempt. Throws a
 * `settings` error if a file of certificates cannot be used. We connect
 * ourselves, not postgres.js: it knows no IPv6 address, tries for ever on a server that closes before its
 * first answer, and starts to encrypt even if the server declined.
 * Protocol: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export async function connectSocket(address: DatabaseAddress, signal: AbortSignal): Promise<Socket> {
  const place = address.hostAddress ?? address.host;
  const isUnixSocket = place.startsWith("/");
  const isPlain = isUnixSocket || address.tls === "disable";
  const tls = isPlain ? null : await tlsOptions(address);
  const socket = connectTcp(
    isUnixSocket
      ? { path: `${place}/.s.PGSQL.${address.port}` }
      : {
          host: place,
          port: address.port,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
        },
  );
  // An error that comes when nobody waits any more must not end the process.
  socket.on("error", () => {});
  try {
    await once(socket, "connect", { signal });
    if (tls === null) return socket;
    if (await offersEncryption(socket, signal)) return await encrypt(socket, tls, signal);
    if (address.tls === "prefer") return socket;
    throw new LinkError("NO_ENCRYPTION", "the server does not offer encryption");
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function offersEncryption(socket: Socket, signal: AbortSignal): Promise<boolean> {
  socket.write(SSL_REQUEST);
  const answer = await firstAnswer(socket, signal);
  if (answer === SSL_ACCEPTED) return true;
  if (answer === SSL_REFUSED) return false;
  // A server that has no room for another session says so here. Exactly one byte may come in the clear: more
  // would be from somebody in between (CVE-2021-23222).
  throw new LinkError("CONNECTION_LOST", "the server did not say whether it encrypts");
}

async function encrypt(socket: Socket, options: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  const encrypted = connectTls({ ...options, socket });
  encrypted.on("error", () => {});
  await once(encrypted, "secureConnect", { signal });
  return encrypted;
}

async function firstAnswer(socket: Socket, signal: AbortSignal): Promise<string> {
  const closed = once(socket, "close", { signal }).then(() => {
    throw new LinkError("CONNECTION_LOST", "the server closed the connection");
  });
  const [data]: unknown[] = await Promise.race([once(socket, "data", { signal }), closed]);
  return Buffer.isBuffer(data) ? data.toString("latin1") : "";
}
