import type { ArgsDef } from "citty";
import { wholeNumberFlag, type FlagValues } from "./flags.ts";

/** Faster would be 100 a second, which the vendor does not want. */
const MAX_REQUESTS_PER_MINUTE = 6000;

/** How often the REST API may be asked. */
export const RPM_FLAG = {
  rpm: {
    type: "string",
    description:
      "requests a minute to the REST API for each asset class, as the plan allows them (Basic: 5; default: no limit until the API asks for one)",
    valueHint: "N",
  },
} as const satisfies ArgsDef;

/** Requests a minute for each asset class; null: as fast as it goes. */
export function requestsPerMinute(flags: FlagValues): number | null {
  return wholeNumberFlag(flags, "rpm", { least: 1, most: MAX_REQUESTS_PER_MINUTE }) ?? null;
}
