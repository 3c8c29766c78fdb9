import type { ArgsDef } from "citty";
import type { FlagValues } from "./flags.ts";

/** Whether what the plan refused before is asked for again. */
export const RECHECK_FLAG = {
  "recheck-entitlements": {
    type: "boolean",
    description: "ask again for what your plan did not include (done weekly anyway)",
  },
} as const satisfies ArgsDef;

/** What `--recheck-entitlements` says. */
export function rechecksEntitlements(flags: FlagValues): boolean {
  return flags["recheck-entitlements"] === true;
}
