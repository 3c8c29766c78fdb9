import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { DatabaseAddress } from "./database-url.ts";
import { LinkError } from "./errors.ts";

/** The message that asks for encryption: its length, then the code 1234,5679. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const SSL_ACCEPTED = "S";

/**
 * A connected socket to the server, encrypted as `address.tls` says; `signal` ends the attempt. We connect
 * ourselves, not postgres.js: it knows no IPv6 address, tries for ever on a server that closes before its
 * first answer, and starts to encrypt even if the server declined.
 * Protocol: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export async function connectSocket(address: DatabaseAddress, signal: AbortSignal): Promise<Socket> {
  const isUnixSocket = address.host.startsWith("/");
  const socket = connectTcp(
    isUnixSocket
      ? { path: `${address.host}/.s.PGSQL.${address.port}` }
      : { host: address.host, port: address.port, noDelay: true, keepAlive: true },
  );
  // An error that comes when nobody waits any more must not end the process.
  socket.on("error", () => {});
  try {
    await once(socket, "connect", { signal });
    return isUnixSocket || address.tls === "disable" ? socket : await encrypt(socket, address, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function encrypt(socket: Socket, address: DatabaseAddress, signal: AbortSignal): Promise<Socket> {
  socket.write(SSL_REQUEST);
  if ((await firstByte(socket, signal)) === SSL_ACCEPTED) {
    const encrypted = connectTls(tlsOptions(socket, address));
    encrypted.on("error", () => {});
    await once(encrypted, "secureConnect", { signal });
    return encrypted;
  }
  if (address.tls === "prefer") return socket;
  throw new LinkError("NO_ENCRYPTION", "the server does not offer encryption");
}

async function firstByte(socket: Socket, signal: AbortSignal): Promise<string> {
  const closed = once(socket, "close", { signal }).then(() => {
    throw new LinkError("CONNECTION_LOST", "the server closed the connection");
  });
  const [data]: unknown[] = await Promise.race([once(socket, "data", { signal }), closed]);
  // Exactly one byte may come in the clear; more would be from somebody in between (CVE-2021-23222).
  return Buffer.isBuffer(data) && data.length === 1 ? data.toString("latin1") : "";
}

function tlsOptions(socket: Socket, { host, tls }: DatabaseAddress): ConnectionOptions {
  const options: ConnectionOptions = { socket, rejectUnauthorized: tls.startsWith("verify-") };
  if (isIP(host) === 0) options.servername = host;
  if (tls === "verify-ca") options.checkServerIdentity = () => undefined;
  return options;
}
