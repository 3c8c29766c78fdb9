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
    ["ENOENT", "target", "transient", "there is no such socket"],
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

describe("a pooler", () => {
  const settings = ["settings", undefined];
  const target = ["target", undefined];
  const busy = ["target", "transient"];

  test.each([
    // pgbouncer
    ["08P01", "query_wait_timeout", busy],
    ["08P01", "client_idle_timeout", busy],
    ["08P01", "client_login_timeout (server down)", busy],
    ["08P01", "no more connections allowed (max_client_conn)", busy],
    ["08P01", "server login has been failing, try again later (server_login_retry)", busy],
    ["08P01", "server conn crashed?", busy],
    ["08P01", "unsupported startup parameter: options", settings],
    ["08P01", "no such user: ada", settings],
    ["08P01", "no such database: nope", settings],
    ["08P01", 'database "nope" does not exist', settings],
    ["08P01", "SASL authentication failed", settings],
    ["08P01", "password authentication failed", settings],
    ["08P01", 'database "market" is disabled', target],
    // Supavisor
    ["XX000", "Tenant or user not found", settings],
    ["XX000", "(ENOTFOUND) tenant/user postgres.abc not found", settings],
    ["XX000", "(EADDRNOTALLOWED) address not in tenant allow_list: {1, 2, 3, 4}", settings],
    ["XX000", "(EBANNED) tenant is banned: abuse", settings],
    ["XX000", "Max client connections reached", busy],
    ["XX000", "(EMAXCONN) max client connections reached, limit: 200", busy],
    ["XX000", "(EMAXCLIENTSESSION) max clients reached in session mode", busy],
    ["XX000", "(ECHECKOUTTIMEOUT) Pool checkout timeout. Request was dropped after 5000ms", busy],
    ["XX000", "(EDBHANDLEREXITED) DbHandler exited. Check logs for more information", busy],
    // Neon's proxy
    ["XX000", "Your account or project has exceeded the compute time quota. Upgrade your plan.", target],
    ["XX000", "Control plane request failed: endpoint is disabled", target],
    ["08P01", "Endpoint ID is not specified", settings],
    ["XX000", "Couldn't connect to compute node", busy],
    // No pooler at all
    ["XX000", "cache lookup failed for type 4711", target],
    ["08006", "connection failure", busy],
  ])("%s %s", (sqlState, message, expected) => {
    const [kind, code, reason] = explained(serverError(sqlState, message));
    expect([[kind, code], reason]).toEqual([expected, message]);
  });

  test("that says much is quoted in one line", () => {
    const explanation = explained(serverError("XX000", "Pool checkout timeout. You can:\n\n  1. Wait\n"));
    expect(explanation).toEqual(["target", "transient", "Pool checkout timeout. You can: 1. Wait "]);
  });
});

test("what is no error of Postgres comes back as it is", () => {
  const bug = new TypeError("undefined is not a function");
  const ours = new BackfillError({ kind: "data", operation: "o", reason: "r", nextStep: "n" });
  expect([explainPostgresError(bug, OPERATION), explainPostgresError(ours, OPERATION)]).toEqual([bug, ours]);
  expect(explainPostgresError(ours, OPERATION)).toBe(ours);
});
