import { examine } from "../../workflows/doctor/doctor.ts";
import { planningMs } from "../../workflows/context.ts";
import type { Command } from "../command.ts";
import { examineSettings } from "../doctor-settings.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { COMMON_FLAGS, DATABASE_FLAGS, RANGE_FLAGS, todayFlag } from "../flags.ts";
import { doctorText } from "../render/doctor.ts";
import { printResult } from "../run.ts";
import { fullVersion } from "../version.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "Check keys, plan, clock, disk, cache and database; show every setting and where it came from",
  flags: {
    today: RANGE_FLAGS.today,
    ...DATABASE_FLAGS,
    ...COMMON_FLAGS,
  },
  examples: ["doctor", "doctor --json", "doctor --database-url=postgres://user@localhost:5432/market"],
  async run(flags, io) {
    const nowMs = planningMs(todayFlag(flags, io.clockMs), io.clockMs);
    const { shown, findings, settings } = examineSettings(flags);
    if (flags["quiet"] !== true && (settings.s3 ?? settings.rest) !== null)
      io.terminal.words.info("Asking the vendor; this takes some seconds.");
    const sections = [{ title: "Settings", findings }, ...(await examine(settings, nowMs, io.signal))];
    const checks = sections.flatMap((section) =>
      section.findings.map((finding) => ({ section: section.title, ...finding })),
    );
    const json = {
      command: "doctor",
      version: fullVersion(),
      dataDir: settings.dataDir,
      settings: shown,
      checks,
    };
    printResult(flags, io, json, () => doctorText(sections, shown, fullVersion(), io.terminal));
    return checks.some(({ state }) => state === "red") ? EXIT_CODES.settings.code : EXIT_CODES.ok.code;
  },
};
