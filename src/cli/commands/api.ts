import { apiBackfill, planApi, type ApiResult } from "../../workflows/api.ts";
import { chooseSymbols } from "../../workflows/selection.ts";
import type { Command } from "../command.ts";
import { RECHECK_FLAG, rechecksEntitlements } from "../entitlement-flags.ts";
import { exitCodeOfRun, EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  datasetFlag,
  DRY_RUN_FLAG,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  symbolNames,
} from "../flags.ts";
import { formatCount, plural } from "../../core/format.ts";
import { derivedText } from "../render/aggregate.ts";
import { planJson, planText } from "../render/plan.ts";
import { failuresSection } from "../render/run-summary.ts";
import { requestsPerMinute, RPM_FLAG } from "../rest-flags.ts";
import { printResult, readInvocation, withRun } from "../run.ts";

const DEFAULT_DAYS = 2;

export const apiCommand: Command = {
  name: "api",
  summary: "Fetch recent days by the REST API into the cache",
  flags: { ...SYMBOL_FLAGS, ...RANGE_FLAGS, ...RECHECK_FLAG, ...RPM_FLAG, ...DRY_RUN_FLAG, ...COMMON_FLAGS },
  examples: [
    "api --days=2",
    "api --symbols=SPX,AAPL --days=1",
    "api --symbols=SPX --from=2024-11-18 --to=2024-11-22",
    "api --symbols=SPX,NDX,VIX --days=5 --rpm=5    (a Basic plan's limit)",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const range = rangeFlags(flags, invocation.today, DEFAULT_DAYS);
    const [names, dataset] = [symbolNames(flags), datasetFlag(flags)];
    const how = {
      recheckEntitlements: rechecksEntitlements(flags),
      requestsPerMinute: requestsPerMinute(flags),
    };
    const startedMs = performance.now();
    return withRun("api", flags, io, invocation, async (context) => {
      const selection = chooseSymbols(context.cache, names, dataset, invocation.settings.symbols);
      if (flags["dry-run"] === true) {
        const plan = await planApi(context, { selection, ...range, ...how });
        printResult(flags, io, { command: "api", dryRun: true, ...range, ...planJson(plan) }, () =>
          planText(plan),
        );
        return EXIT_CODES.ok.code;
      }
      const result = await apiBackfill(context, { selection, ...range, ...how });
      const durationMs = Math.round(performance.now() - startedMs);
      printResult(flags, io, { command: "api", ...result, durationMs }, () => apiText(result));
      return exitCodeOfRun({ failures: result.failures, deniedDays: result.days.denied, unsynced: false });
    });
  },
};

function apiText({ days, bars, requests, failures, derived }: ApiResult): string {
  return `Fetched ${plural(days.api, "day")} by the API in ${plural(requests, "request")} (${formatCount(bars.cached)} bars, ${formatCount(bars.changed)} new or changed); ${plural(days.skipped, "day")} there already.\n${derivedText(derived)}${failuresSection(failures)}`;
}
