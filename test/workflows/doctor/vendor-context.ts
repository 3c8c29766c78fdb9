import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { resolveSettings } from "../../../src/core/settings.ts";
import type { Finding } from "../../../src/workflows/doctor/findings.ts";
import type { RunContext } from "../../../src/workflows/context.ts";
import type { TempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";

/** What a check works with whose keys are those of a look-alike. */
export function vendorContext(
  place: TempCache,
  sandbox: Sandbox,
  values: Readonly<Record<string, string>> = {},
): RunContext {
  const from = { ...sandbox.environment, MASSIVE_DATA_DIR: place.dataDir, ...values };
  return contextOf(place, { settings: resolveSettings([{ origin: "test", values: from }]) });
}

/** Findings as `state name: what was found → what mends it`. */
export function linesOf(findings: readonly Finding[]): string[] {
  return findings.map(
    ({ name, state, found, fix }) => `${state} ${name}: ${found}${fix === null ? "" : ` → ${fix}`}`,
  );
}
