import postgres from "postgres";
import { BackfillError } from "../core/errors.ts";
import { TRY_AGAIN, type Explanation } from "./explanation.ts";
import { serverExplanation } from "./server-errors.ts";

/** `code` of a `BackfillError` after which the same work may succeed if it is tried again later. */
export const TRANSIENT = "transient";

export type LinkFailure =
  | "CONNECT_TIMEOUT"
  | "CONNECTION_LOST"
  | "SERVER_HUNG_UP"
  | "NO_ANSWER"
  | "NO_ENCRYPTION"
  | "WRONG_CERTIFICATE_HOST";

/** The way to the server failed, as we saw it ourselves. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly code: LinkFailure;

  constructor(code: LinkFailure, message: string) {
    super(message);
    this.code = code;
  }
}

const CHECK_URL = "Check the host and the port of the database URL.";
const SET_CERTIFICATE =
  "Name the file of the certificate authority with sslrootcert=FILE in the database URL (or PGSSLROOTCERT), or use sslmode=require without it to encrypt without verifying.";

const lostConnection: Explanation = {
  kind: "target",
  reason: "the connection broke",
  nextStep: TRY_AGAIN,
  isTransient: true,
};
const unreachable: Explanation = { ...lostConnection, reason: "the server cannot be reached" };
const badCertificate: Explanation = { kind: "settings", nextStep: SET_CERTIFICATE };

/** By the codes of Node's network errors and of our own `LinkError`. */
const NETWORK_EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    kind: "target",
    reason: "nothing listens there: the connection was refused",
    nextStep: `Start the database. ${CHECK_URL}`,
    isTransient: true,
  },
  ENOTFOUND: { kind: "target", reason: "the host name is not known", nextStep: CHECK_URL },
  ENOENT: {
    kind: "target",
    reason: "there is no such socket",
    nextStep: `Start the database. ${CHECK_URL}`,
    isTransient: true,
  },
  EAI_AGAIN: { ...unreachable, reason: "the host name could not be looked up" },
  CONNECT_TIMEOUT: { ...unreachable, reason: "it did not answer in time" },
  NO_ANSWER: { ...lostConnection, reason: "it stopped answering" },
  NO_ENCRYPTION: {
    kind: "settings",
    reason: "the server does not offer encryption",
    nextStep: "Use sslmode=prefer or sslmode=disable in the database URL if that is as it should be.",
  },
  WRONG_CERTIFICATE_HOST: {
    kind: "settings",
    nextStep:
      "Use a host name of the certificate in the database URL, or sslmode=verify-ca to check only who signed it.",
  },
  CONNECTION_LOST: lostConnection,
  CONNECTION_DESTROYED: lostConnection,
  SERVER_HUNG_UP: { kind: "target", nextStep: TRY_AGAIN, isTransient: true },
  ECONNRESET: lostConnection,
  ECONNABORTED: lostConnection,
  ECANCELED: lostConnection,
  EPIPE: lostConnection,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENETDOWN: unreachable,
  SASL_SIGNATURE_MISMATCH: {
    kind: "settings",
    reason: "the server does not know the password either: it may be another server",
    nextStep: CHECK_URL,
  },
};

const UNTRUSTED_CERTIFICATE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * The error to throw for one that Postgres or the way to it threw: a `BackfillError` of kind `settings` or
 * `target`, with the code `transient` if trying again may help. An error of ours, or one that is not
 * Postgres', comes back as it is. No secrets: neither the URL nor the password is in what we build on.
 */
export function explainPostgresError(error: unknown, operation: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const explanation = explanationOf(error);
  if (explanation === undefined) return error;
  return new BackfillError({
    kind: explanation.kind,
    operation,
    reason: explanation.reason ?? error.message.replaceAll(/\s*\n\s*/g, " "),
    nextStep: explanation.nextStep,
    help: explanation.help ?? "postgres",
    ...(explanation.isTransient === true ? { code: TRANSIENT } : {}),
    cause: error,
  });
}

function explanationOf(error: Error): Explanation | undefined {
  if (error instanceof BackfillError) return undefined;
  if (error instanceof postgres.PostgresError) return serverExplanation(error);
  if (!("code" in error) || typeof error.code !== "string") return undefined;
  const known = NETWORK_EXPLANATIONS[error.code];
  if (known !== undefined) return known;
  if (UNTRUSTED_CERTIFICATE.test(error.code)) return badCertificate;
  // The operating system has more reasons than these: a path that is too long for a socket, no more files, …
  return "syscall" in error ? { kind: "target", nextStep: CHECK_URL } : undefined;
}
