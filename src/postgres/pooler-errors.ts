import { badDatabase, badLogin, busy, type Explanation } from "./explanation.ts";

/**
 * What stands between us and a server says nearly everything with one of two SQLSTATEs, 08P01 (pgbouncer) or
 * XX000 (Supavisor, Neon's proxy): only the words tell one thing from another. The first that fits counts.
 * Sources: pgbouncer src/client.c, objects.c and janitor.c; supavisor lib/supavisor/errors;
 * neon proxy/src/control_plane.
 */
const POOLER_EXPLANATIONS: readonly (readonly [RegExp, Explanation])[] = [
  [
    /unsupported startup parameter/i,
    {
      kind: "settings",
      nextStep: "Take the options out of the database URL: the pooler refuses them.",
    },
  ],
  [/no such database|database .* does not exist/i, badDatabase],
  [
    /tenant|user not found/i,
    {
      kind: "settings",
      nextStep:
        "Copy the connection string from the dashboard again: the user is postgres.PROJECT, the host that of the project's region; a paused project has to be restored first.",
    },
  ],
  [
    /allow_list/i,
    { kind: "settings", nextStep: "Allow this machine's address in the database's network restrictions." },
  ],
  [
    /SSL connection is required|connection is insecure/i,
    { kind: "settings", nextStep: "Add ?sslmode=require to the database URL." },
  ],
  [
    /endpoint ID is not specified/i,
    {
      kind: "settings",
      nextStep: "Use the host name of the endpoint in the database URL, not its address.",
    },
  ],
  [
    /quota|endpoint is disabled|database .* is disabled|size limit/i,
    {
      kind: "target",
      nextStep:
        "Look at the provider's dashboard: the plan's limit is used up, or the database is switched off.",
    },
  ],
  [
    /max client|max_client_conn|max clients|too many (?:database )?connections?/i,
    {
      ...busy,
      nextStep: "Close other programs that use the database, or give the pooler more connections.",
    },
  ],
  [/server_login_retry|cannot connect to server/i, busy],
  [/no such user|password|authentication|SASL/i, badLogin],
  [
    /checkout timeout|check out process|DbHandler|connection to database closed|compute node|acquire permit|temporarily unavailable/i,
    busy,
  ],
];

/** What words of a pooler mean; undefined if they are none that we know. */
export function poolerExplanation(message: string): Explanation | undefined {
  return POOLER_EXPLANATIONS.find(([words]) => words.test(message))?.[1];
}
