import { explain } from "../../cache/cache.ts";
import type { RunContext } from "../context.ts";
import type { CheckName, CheckResult } from "./findings.ts";
import type { VerifyOptions, VerifyScope } from "./scope.ts";

/** One way to check bars: what it looked at and found. Throws what keeps it from looking. */
export type Check = (context: RunContext, scope: VerifyScope, options: VerifyOptions) => Promise<CheckResult>;

/** Each is loaded when it is asked for: a look at the cache needs nothing of what speaks to the vendor. */
const CHECKS: Readonly<Record<CheckName, () => Promise<Check>>> = {
  cache: async () => (await import("./check-cache.ts")).checkCache,
  files: async () => (await import("./check-files.ts")).checkFiles,
  target: async () => (await import("./check-target.ts")).checkTarget,
  source: async () => (await import("./check-source.ts")).checkSource,
  api: async () => (await import("./check-api.ts")).checkApi,
};

/** Makes the named checks, one after the other. */
export async function verify(
  context: RunContext,
  checks: readonly CheckName[],
  scope: VerifyScope,
  options: VerifyOptions,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const name of checks) {
    context.signal.throwIfAborted();
    const check = await CHECKS[name]();
    try {
      results.push(await check(context, scope, options));
    } catch (error) {
      // A cache that is too damaged to be looked at is no bug of ours.
      throw explain(error, context.cache.path);
    }
  }
  return results;
}
