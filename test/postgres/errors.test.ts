import { describe, expect, test } from "bun:test";
import postgres from "postgres";
import { BackfillError } from "../../src/core/errors.ts";
import { explainPostgresError } from "../../src/postgres/errors.ts";

const OPERATION = "write bars to localhost:5432/market public.bars";

function serverError(code: string, message: string): Error {
  return Object.assign(new postgres.PostgresError(""), { code, message });
}

function networkError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

/** Kind, code and reason of the explanation. */
function explained(error: Error): readonly unknown[] {
  const explanation = explainPostgresError(error, OPERATION);
  if (!(explanation instanceof BackfillError)) throw explanation;
  expect(explanation.message).toBe(`${OPERATION}: ${explanation.reason}`);
  expect(explanation.nextStep).toMatch(/^[A-Z].*\.$/);
  expect(explanation.cause).toBe(error);
  return [explanation.kind, explanation.code, explanation.reason];
}

describe("the network", () => {
  test.each([
    ["ECONNREFUSED", "target", "transient", "nothing listens there: the connection was refused"],
    ["ENOTFOUND", "target", undefined, "the host name is not known"],
    ["EAI_AGAIN", "target", "transient", "the host name could not be looked up"],
    ["ECONNRESET", "target", "transient", "the connection broke"],
    ["EPIPE", "target", "transient", "the connection broke"],
    ["ETIMEDOUT", "target", "transient", "the server cannot be reached"],
    ["EHOSTUNREACH", "target", "transient", "the server cannot be reached"],
    ["CONNECT_TIMEOUT", "target", "transient", "it did not answer in time"],
    ["NO_ANSWER", "target", "transient", "it stopped answering"],
    ["CONNECTION_LOST", "target", "transient", "the connection broke"],
    ["NO_ENCRYPTION", "settings", undefined, "the server does not offer encryption"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "settings", undefined, "connect SELF_SIGNED_CERT_IN_CHAIN"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "settings", undefined, "connect ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("%s is a %s error, %s", (networkCode, kind, code, reason) => {
    expect(explained(networkError(networkCode))).toEqual([kind, code, reason]);
  });
});

describe("the server", () => {
  test.each([
    ["28P01", "settings", undefined, 'password authentication failed for user "ada"'],
    ["28000", "settings", undefined, "no pg_hba.conf entry for host, no encryption"],
    ["3D000", "settings", undefined, 'database "nope" does not exist'],
    ["42501", "target", undefined, "permission denied for table bars"],
    ["25006", "target", undefined, "cannot execute INSERT in a read-only transaction"],
    ["57014", "target", undefined, "canceling statement due to statement timeout"],
    ["53100", "target", undefined, "could not extend file: No space left on device"],
    ["22003", "target", undefined, "numeric field overflow"],
    ["57P01", "target", "transient", "terminating connection due to administrator command"],
    ["57P03", "target", "transient", "the database system is starting up"],
    ["53300", "target", "transient", "sorry, too many clients already"],
    ["40P01", "target", "transient", "deadlock detected"],
    ["40001", "target", "transient", "could not serialize access"],
    ["55P03", "target", "transient", "could not obtain lock"],
    ["08006", "target", "transient", "connection failure"],
    ["08P01", "target", "transient", "query_wait_timeout"],
    ["08P01", "settings", undefined, "unsupported startup parameter: options"],
    ["08P01", "settings", undefined, "no such user: ada"],
    ["XX000", "settings", undefined, "Tenant or user not found"],
    ["XX000", "target", undefined, "cache lookup failed"],
  ])("%s is a %s error, %s: %s", (sqlState, kind, code, message) => {
    expect(explained(serverError(sqlState, message))).toEqual([kind, code, message]);
  });

  test("its detail and hint are the next step where we know nothing better", () => {
    const error = Object.assign(serverError("21000", "cannot affect row a second time"), {
      detail: "Two rows are the same.",
      hint: "Send each row once.",
    });
    const explanation = explainPostgresError(error, OPERATION);
    expect(explanation).toMatchObject({
      kind: "target",
      nextStep: "Two rows are the same. Send each row once.",
    });
  });
});

test("what is no error of Postgres comes back as it is", () => {
  const bug = new TypeError("undefined is not a function");
  const ours = new BackfillError({ kind: "data", operation: "o", reason: "r", nextStep: "n" });
  expect([explainPostgresError(bug, OPERATION), explainPostgresError(ours, OPERATION)]).toEqual([bug, ours]);
  expect(explainPostgresError(ours, OPERATION)).toBe(ours);
});
