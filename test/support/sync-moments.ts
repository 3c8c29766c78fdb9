import type { Moment } from "./strike-proxy.ts";

const COPY_DONE = "c\0\0\0\x04";
const TABLE = 'COPY "public"."historical_bars"';

/** The look whether the table is empty is a transaction of its own. */
const FIRST_WRITING = 2;

/** The first COMMIT after which the table has other rows. */
export const COMMIT = { text: "COMMIT\0", nth: FIRST_WRITING };

/** Moments of a sync that has corrections, deletes and new days to bring, by name. */
export const SYNC_MOMENTS: readonly (readonly [string, Moment])[] = [
  ["before the server's first answer", { lost: "answered", text: "" }],
  ["during log-in", { lost: "sent", text: "SCRAM-SHA-256" }],
  ["at the answer about the table", { lost: "answered", text: "pg_class" }],
  ["at the look whether the table is empty", { lost: "sent", text: "SELECT EXISTS" }],
  ["at BEGIN", { lost: "sent", text: "BEGIN;", nth: FIRST_WRITING }],
  ["at the answer to BEGIN", { lost: "answered", text: "BEGIN;", nth: FIRST_WRITING }],
  ["at the deletes", { lost: "sent", text: "DELETE FROM" }],
  ["at the staging table", { lost: "answered", text: "CREATE TEMPORARY" }],
  ["in mid-COPY", { lost: "sent", text: "COPY pg_temp", afterBytes: 66_000 }],
  ["at the end of COPY", { lost: "sent", text: COPY_DONE }],
  ["at the answer to COPY", { lost: "answered", text: COPY_DONE }],
  ["at the upsert", { lost: "sent", text: "ON CONFLICT" }],
  ["at the upsert's answer", { lost: "answered", text: "ON CONFLICT" }],
  ["at COMMIT, which the server does not get", { lost: "sent", ...COMMIT }],
  ["at COMMIT's answer", { lost: "answered", ...COMMIT }],
  ["at the look at what the table has of new bars", { lost: "answered", text: "AS asked" }],
  ["in mid-COPY straight into the table", { lost: "sent", text: TABLE, afterBytes: 66_000 }],
  ["at the answer to a later COMMIT", { lost: "answered", text: COMMIT.text, nth: 4 }],
];

/** The moments that differ for one who waits: nothing there yet, nothing open, a transaction open, a commit sent. */
export const KEY_MOMENTS = SYNC_MOMENTS.filter(([name]) =>
  /first answer|log-in|answer to BEGIN|in mid-COPY$|at COMMIT/.test(name),
);
