import type { ErrorKind } from "./errors.ts";

/** The troubles that have a page of their own: `massive-backfill help NAME`, and README, "Troubleshooting". */
export const HELP_TOPICS = [
  "command-line",
  "settings",
  "s3-keys",
  "api-key",
  "plan",
  "clock",
  "network",
  "no-file",
  "bad-rows",
  "cache",
  "disk",
  "locked",
  "postgres",
  "postgres-table",
  "slow-inserts",
  "gaps",
  "interrupted",
  "bug",
] as const;

export type HelpTopic = (typeof HELP_TOPICS)[number];

const TOPIC_OF_KIND: Readonly<Record<ErrorKind, HelpTopic>> = {
  usage: "command-line",
  settings: "settings",
  source: "network",
  data: "bad-rows",
  cache: "cache",
  target: "postgres",
  locked: "locked",
  interrupted: "interrupted",
};

/** Codes of errors that have another page than others of their kind. */
const TOPIC_OF_CODE: Readonly<Record<string, HelpTopic>> = {
  "clock-skew": "clock",
  "disk-full": "disk",
  "not-entitled": "plan",
  "not-entitled-date": "plan",
  "not-published": "no-file",
};

/** The page for an error of that kind and code. */
export function topicOf(kind: ErrorKind, code: string | undefined): HelpTopic {
  return TOPIC_OF_CODE[code ?? ""] ?? TOPIC_OF_KIND[kind];
}
