import { DATASETS } from "../../core/datasets.ts";
import { eveningMs } from "../../core/publication.ts";
import { startSandbox, syntheticTickers } from "../../sandbox/sandbox.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { COMMON_FLAGS, todayFlag, wholeNumberFlag } from "../flags.ts";
import { untilStopped } from "../until-stopped.ts";
import { printResult } from "../run.ts";

const MAX_TICKERS = 20_000;
const MAX_PORT = 65_535;

export const sandboxCommand: Command = {
  name: "sandbox",
  summary: "A look-alike of Massive with synthetic data on this machine, until Ctrl-C",
  flags: {
    port: { type: "string", description: "port on 127.0.0.1 (default 0: any free one)", valueHint: "N" },
    tickers: {
      type: "string",
      description: "tickers of each dataset (default: a short list)",
      valueHint: "N",
    },
    seed: { type: "string", description: "what the data depends on (default 1)", valueHint: "N" },
    today: {
      type: "string",
      description: "serve as if it were the evening of that day in New York",
      valueHint: "YYYY-MM-DD",
    },
    json: COMMON_FLAGS.json,
    verbose: COMMON_FLAGS.verbose,
  },
  examples: ["sandbox", "sandbox --port=9000 --tickers=200"],
  async run(flags, io) {
    const today = todayFlag(flags, io.clockMs);
    const tickers = wholeNumberFlag(flags, "tickers", { most: MAX_TICKERS });
    const sandbox = await startSandbox({
      port: wholeNumberFlag(flags, "port", { most: MAX_PORT }) ?? 0,
      seed: wholeNumberFlag(flags, "seed", { most: Number.MAX_SAFE_INTEGER }) ?? 1,
      ...(today !== undefined && { nowMs: () => eveningMs(today) }),
      ...(tickers !== undefined && {
        tickers: Object.fromEntries(DATASETS.map((dataset) => [dataset, syntheticTickers(dataset, tickers)])),
      }),
    });
    try {
      const { url, environment } = sandbox;
      printResult(flags, io, { command: "sandbox", url, environment }, () => sandboxText(url, environment));
      await untilStopped(io.signal);
    } finally {
      await sandbox.stop();
    }
    return EXIT_CODES.ok.code;
  },
};

function sandboxText(url: string, environment: Readonly<Record<string, string>>): string {
  // A folder of its own, so that synthetic bars do not get among real ones.
  const settings = { ...environment, MASSIVE_DATA_DIR: "./data/sandbox" };
  const lines = Object.entries(settings).map(([name, value]) => `export ${name}=${value}\n`);
  return `# A look-alike of Massive is at ${url}. All its data is synthetic.\n# Paste these lines into the terminal you work in; Ctrl-C here ends it.\n${lines.join("")}`;
}
