import { join } from "node:path";
import { addDays, newYorkDate } from "../../core/dates.ts";
import { eveningMs } from "../../core/publication.ts";
import { resolveSettings, SETTINGS } from "../../core/settings.ts";
import { sessionOf } from "../../core/sessions.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";
import type { Command } from "../command.ts";
import { COMMON_FLAGS, DATABASE_FLAGS, todayFlag } from "../flags.ts";
import { runHybrid } from "./hybrid.ts";
import { flagSource } from "../settings-sources.ts";
import { claimSyntheticFolder } from "../synthetic.ts";

const DEMO_DIR = join(SETTINGS.dataDir.default, "demo");
const DEMO_SYMBOLS = "SPX,NDX,VIX";
const DEMO_DAYS = "90";
export const demoCommand: Command = {
  name: "demo",
  summary: "The main job against a built-in look-alike of Massive: no account, no network, synthetic data",
  flags: {
    today: {
      type: "string",
      description:
        "work as if it were the evening of that day in New York (default: the last finished session)",
      valueHint: "YYYY-MM-DD",
    },
    ...DATABASE_FLAGS,
    ...COMMON_FLAGS,
  },
  examples: ["demo", "demo --database-url=postgres://localhost/demo"],
  async run(flags, io) {
    const today = todayFlag(flags, io.clockMs) ?? lastFinishedSession(newYorkDate(io.clockMs));
    const demoFlags = { "data-dir": DEMO_DIR, ...flags, symbols: DEMO_SYMBOLS, days: DEMO_DAYS };
    const sandbox = await startSandbox({ nowMs: () => eveningMs(today) });
    try {
      // Not the environment's settings: the demo never touches a database or an account that it was not given.
      const settings = resolveSettings([
        flagSource(demoFlags),
        { origin: "demo", values: sandbox.environment },
      ]);
      claimSyntheticFolder(settings.dataDir);
      if (flags["quiet"] !== true)
        io.terminal.words.info(
          `Demo: a look-alike of Massive runs at ${sandbox.url}. All bars in ${settings.dataDir} are synthetic: no market data.`,
        );
      const shown = { ...demoFlags, "data-dir": settings.dataDir };
      return await runHybrid(shown, io, { settings, nowMs: eveningMs(today), today }, "demo");
    } finally {
      await sandbox.stop();
    }
  },
};

/** The last session before `today`: its day is over, so a second run of the demo finds nothing new. */
function lastFinishedSession(today: string): string {
  let date = addDays(today, -1);
  while (sessionOf("indices", date) === null) date = addDays(date, -1);
  return date;
}
