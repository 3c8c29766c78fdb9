import type { ArgsDef } from "citty";
import { resolveHealthcheckUrl } from "../core/settings.ts";
import { ping } from "../workflows/healthcheck.ts";
import type { Io } from "./command.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { FlagValues } from "./flags.ts";
import { settingSources } from "./settings-sources.ts";

/** Where a run reports how it ended. */
export const HEALTHCHECK_FLAG = {
  "healthcheck-url": {
    type: "string",
    description:
      "address to call when the run is over, with /fail added if the exit code is not 0 (healthchecks.io and others)",
    valueHint: "URL",
  },
} as const satisfies ArgsDef;

/**
 * Does `work` and reports to the health-check service that is set, if one is, whether its exit code is 0; an error
 * that it throws counts as failure and is thrown on. A service that cannot be told is warned of, and changes nothing.
 * A dry run reports nothing: it says nothing about the nightly one.
 * @throws BackfillError before any work for an address that is none.
 */
export async function withHealthcheck(
  flags: FlagValues,
  io: Io,
  work: () => Promise<number>,
): Promise<number> {
  const url = flags["dry-run"] === true ? null : resolveHealthcheckUrl(settingSources(flags));
  if (url === null) return work();
  let succeeded = false;
  try {
    const code = await work();
    succeeded = code === EXIT_CODES.ok.code;
    return code;
  } finally {
    const reason = await ping(url, succeeded);
    if (reason !== null)
      io.terminal.words.warn(
        `The health-check service at ${url.host} could not be told that the run ${succeeded ? "succeeded" : "failed"}: ${reason}. That changes nothing about the run.`,
      );
  }
}
