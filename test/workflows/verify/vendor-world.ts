import { knownSymbols } from "../../../src/cache/symbols.ts";
import { eveningMs } from "../../../src/core/publication.ts";
import { parseSymbols } from "../../../src/core/symbols.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import type { SandboxOptions } from "../../../src/sandbox/options.ts";
import type { RunContext } from "../../../src/workflows/context.ts";
import { hybrid } from "../../../src/workflows/hybrid.ts";
import type { CheckName, CheckResult } from "../../../src/workflows/verify/findings.ts";
import type { VerifyOptions, VerifyScope } from "../../../src/workflows/verify/scope.ts";
import type { Check } from "../../../src/workflows/verify/verify.ts";
import { restSettings, s3Settings } from "../../massive/support.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { sandboxAt } from "../../support/truth.ts";
import { contextOf, PLAINLY } from "../run-context.ts";

/** The Monday after Thanksgiving's early close; what it has itself is still the API's. */
const TODAY = "2024-12-02";
export const SYMBOLS = ["SPX", "AAPL", "O:SPY261218C00650000", "X:BTC-USD", "C:EUR-USD"];
/** A week with a holiday, an early close and, for crypto, a weekend. */
export const WEEK = { from: "2024-11-25", to: "2024-12-01" };

/** A cache that was filled from the flat files of a look-alike. */
export interface VendorWorld extends AsyncDisposable {
  readonly temp: TempCache;
  readonly sandbox: Sandbox;
  readonly context: RunContext;
  /** Runs a check over all that is cached. */
  check(
    check: Check,
    more?: {
      readonly scope?: Partial<VerifyScope>;
      readonly options?: Partial<VerifyOptions>;
      readonly settings?: Partial<RunContext["settings"]>;
    },
  ): Promise<CheckResult>;
}

export async function vendorWorld(
  range: { readonly from: string; readonly to: string } = WEEK,
  names: readonly string[] = SYMBOLS,
  options: SandboxOptions = {},
): Promise<VendorWorld> {
  const sandbox = await sandboxAt(TODAY, options);
  const temp = tempCache();
  const plain = contextOf(temp, { nowMs: eveningMs(TODAY) });
  const settings = { ...plain.settings, s3: s3Settings(sandbox), rest: restSettings(sandbox) };
  const context = { ...plain, settings };
  await hybrid(context, { selection: parseSymbols(names), ...range, ...PLAINLY });
  sandbox.clearRequests();
  return {
    temp,
    sandbox,
    context,
    check(check, more = {}) {
      const scope = { symbols: knownSymbols(temp.cache), range: null, ...more.scope };
      const how = {
        jumpPercent: null,
        tolerancePercent: 0,
        requestsPerMinute: null,
        repair: false,
        ...more.options,
      };
      return check({ ...context, settings: { ...settings, ...more.settings } }, scope, how);
    },
    async [Symbol.asyncDispose]() {
      temp[Symbol.dispose]();
      await sandbox.stop();
    },
  };
}

/** A result without faults. */
export function cleanResult(
  check: CheckName,
  lookedAt: Readonly<Record<string, number>>,
  notes: readonly string[] = [],
): CheckResult {
  return { check, lookedAt, faultCount: 0, kinds: {}, faults: [], notes };
}
