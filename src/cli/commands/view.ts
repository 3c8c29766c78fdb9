import { planningMs } from "../../workflows/context.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { COMMON_FLAGS, DATABASE_FLAGS, RANGE_FLAGS, todayFlag, wholeNumberFlag } from "../flags.ts";
import { openBrowser } from "../open-browser.ts";
import { requireCache } from "../require-cache.ts";
import { printResult, readInvocation } from "../run.ts";
import { isSynthetic } from "../synthetic.ts";
import { targetName } from "../target-name.ts";
import { untilStopped } from "../until-stopped.ts";
import { fullVersion } from "../version.ts";

const MOST_PORT = 65_535;

export const viewCommand: Command = {
  name: "view",
  summary: "Show coverage, charts, outbox and runs in the browser, on this machine alone",
  flags: {
    port: { type: "string", description: "port of 127.0.0.1 (default: any that is free)", valueHint: "N" },
    "no-open": { type: "boolean", description: "only print the address" },
    today: RANGE_FLAGS.today,
    ...DATABASE_FLAGS,
    "data-dir": COMMON_FLAGS["data-dir"],
    json: COMMON_FLAGS.json,
    verbose: COMMON_FLAGS.verbose,
  },
  examples: ["view", "view --no-open --port=8080", "view --data-dir=/data/massive"],
  async run(flags, io) {
    const { settings } = readInvocation(flags, io);
    const { dataDir } = settings;
    const port = wholeNumberFlag(flags, "port", { most: MOST_PORT }) ?? 0;
    requireCache(dataDir, "view");
    const [{ serveView }, { PresentCache }, { ASSETS }] = await Promise.all([
      import("../../view/serve.ts"),
      import("../../view/present-cache.ts"),
      import("../../view/assets.ts"),
    ]);
    const present = new PresentCache(dataDir);
    try {
      const today = todayFlag(flags, io.clockMs);
      const nowMs = () => planningMs(today, Date.now());
      const synthetic = isSynthetic(dataDir);
      const target = targetName(settings);
      const facts = { dataDir, version: fullVersion(), target, synthetic, nowMs };
      const context = {
        ...facts,
        get cache() {
          return present.cache;
        },
      };
      const view = serveView(context, ASSETS, port);
      try {
        printResult(flags, io, { command: "view", url: view.url }, () => `${view.url}\nCtrl-C ends it.\n`);
        if (flags["open"] !== false && io.terminal.interactive) openBrowser(view.url);
        await untilStopped(io.signal);
      } finally {
        await view.stop();
      }
    } finally {
      present.close();
    }
    return EXIT_CODES.ok.code;
  },
};
