import { exportBars } from "../../workflows/export/export.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { EXPORT_FLAGS, exportFlags, exportStopped } from "../export-flags.ts";
import { COMMON_FLAGS, RANGE_FLAGS, SYMBOL_FLAGS } from "../flags.ts";
import { exportText } from "../render/export.ts";
import { requireCache } from "../require-cache.ts";
import { printResult, readInvocation, withReading } from "../run.ts";
import { symbolsCached } from "../shown-symbols.ts";

export const exportCommand: Command = {
  name: "export",
  summary: "Write cached bars as Parquet, CSV, JSON Lines or QuantConnect Lean's files",
  flags: { ...EXPORT_FLAGS, ...SYMBOL_FLAGS, ...RANGE_FLAGS, ...COMMON_FLAGS },
  examples: [
    "export --out=bars.parquet --symbols=SPX",
    "export --out=bars.csv.gz --timeframe=1h --from=2024-01-01",
    "export --out=lake --timeframe=1m,1h --incremental   (timeframe=…/symbol=…/year=…)",
    "export --format=lean --out=lean-data --incremental",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const options = exportFlags(flags, invocation.today);
    requireCache(invocation.settings.dataDir, "export");
    const startedMs = performance.now();
    return withReading(flags, io, invocation, async (context) => {
      const symbols = symbolsCached(context.cache, flags);
      const result = await exportBars(context, { ...options, symbols }).catch((error: unknown) => {
        throw io.signal.aborted ? exportStopped(options) : error;
      });
      const durationMs = Math.round(performance.now() - startedMs);
      printResult(flags, io, { command: "export", ...result, durationMs }, () =>
        exportText(result, durationMs),
      );
      return EXIT_CODES.ok.code;
    });
  },
};
