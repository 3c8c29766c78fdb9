import type postgres from "postgres";
import { badDatabase, badLogin, busy, type Explanation } from "./explanation.ts";
import { quoteName } from "./identifiers.ts";
import { poolerExplanation } from "./pooler-errors.ts";

const otherPooler: Explanation = {
  ...busy,
  nextStep:
    "A transaction pooler gave the session another server connection: try again; if it stays, use the pooler's session mode or the server's own port.",
};
const changedTable: Explanation = {
  kind: "target",
  help: "postgres-table",
  nextStep: "The table was changed while bars were written: run sync again, which examines it first.",
};

/** By SQLSTATE, or its class of two characters. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERVER_EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  "08": busy,
  "25006": {
    ...busy,
    nextStep:
      "The server only lets read: after a failover, try again when the primary has moved; if its disk is full, make room.",
  },
  "25P03": busy,
  "25P04": busy,
  "26000": otherPooler,
  "28": badLogin,
  "28000": {
    kind: "settings",
    nextStep: "Check the user in the database URL; if the server wants encryption, add ?sslmode=require.",
  },
  "3D000": badDatabase,
  "40": busy,
  "42501": {
    kind: "target",
    help: "postgres-table",
    nextStep:
      "Grant the user of the database URL SELECT, INSERT, UPDATE and DELETE on the table, CREATE on its schema and TEMPORARY on the database.",
  },
  "42703": changedTable,
  "42P01": changedTable,
  "42P05": otherPooler,
  "42P10": changedTable,
  "53": busy,
  "53100": {
    kind: "target",
    nextStep: "Free space on the database server's disk, then run sync again.",
  },
  "53300": {
    ...busy,
    nextStep:
      "Close other programs that use the database, or raise the connection limit of the server or the user.",
  },
  "53400": {
    kind: "target",
    nextStep: "Raise that limit for the user of the database URL, or send fewer bars at a time.",
  },
  "55006": busy,
  "55P03": {
    ...busy,
    nextStep: "Another session holds a lock on the table: try again when it has finished.",
  },
  "57": busy,
  "57014": {
    ...busy,
    nextStep:
      "Try again; if it stays, send fewer bars at a time or raise statement_timeout for this user: ALTER ROLE … SET statement_timeout = '10min'.",
  },
  "57P04": badDatabase,
  "58": busy,
  "58P01": { kind: "target", nextStep: "A file of the server is missing: look at its log." },
};

/** The only right that is asked for while connecting, and by nothing else that we do. */
const NO_CONNECT = /^permission denied for database "?(.*?)"?$/;

/** SQLSTATEs that a pooler uses for whatever it has to say. */
const POOLER_CODES = /^(?:08|XX000)/;
/** SQLSTATEs for a value that is too much for its column's type. */
const TOO_NARROW: ReadonlySet<string> = new Set(["22001", "22003"]);
/** How COPY says where it was: `COPY rows, line 2, column symbol: "LONG"`. */
const COPY_PLACE = /column (\w+): "(.*)"/s;

/** What an error that the server, or a pooler in front of it, sent means to users. */
export function serverExplanation(error: postgres.PostgresError): Explanation {
  const { code, message } = error;
  return (
    (POOLER_CODES.test(code) ? poolerExplanation(message) : undefined) ??
    rowExplanation(error) ??
    connectExplanation(message) ??
    SERVER_EXPLANATIONS[code] ??
    SERVER_EXPLANATIONS[code.slice(0, 2)] ?? { kind: "target", nextStep: serversAdvice(error) }
  );
}

function connectExplanation(message: string): Explanation | undefined {
  const [, database] = NO_CONNECT.exec(message) ?? [];
  if (database === undefined) return undefined;
  return {
    kind: "settings",
    nextStep: `Let the user of the database URL in: GRANT CONNECT ON DATABASE ${quoteName(database)} TO …;`,
  };
}

/** The server refuses a bar: what about the table has to change. */
function rowExplanation(error: postgres.PostgresError): Explanation | undefined {
  if (TOO_NARROW.has(error.code))
    return { kind: "target", help: "postgres-table", nextStep: wideningAdvice(error) };
  if (!error.code.startsWith("23")) return undefined;
  const detail = error.detail === undefined ? "" : `${error.detail} `;
  return { kind: "target", help: "postgres-table", nextStep: detail + constraintAdvice(error) };
}

function wideningAdvice({ where }: postgres.PostgresError): string {
  const [, column, value] = COPY_PLACE.exec(where ?? "") ?? [];
  if (column === undefined) return "Make the column wider: text for names, numeric for numbers.";
  const type = column === "symbol" || column === "timeframe" ? "text" : "numeric";
  return `The column ${column} cannot hold ${value}: ALTER TABLE … ALTER COLUMN ${column} TYPE ${type}.`;
}

function constraintAdvice({ code, constraint_name: constraint }: postgres.PostgresError): string {
  if (constraint === undefined) {
    return code === "23514"
      ? "Make a partition for such bars: CREATE TABLE … PARTITION OF … DEFAULT."
      : "Let the column be null: ALTER TABLE … ALTER COLUMN … DROP NOT NULL.";
  }
  return code === "23503"
    ? `Add the missing row, or drop the constraint ${constraint}.`
    : `Change the constraint ${constraint} so that it lets bars in, or drop it.`;
}

function serversAdvice({ detail, hint }: postgres.PostgresError): string {
  const advice = [detail, hint].filter((text) => text !== undefined).join(" ");
  return advice === "" ? "Look at the server's log for more." : advice;
}
