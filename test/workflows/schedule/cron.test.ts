import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cronBlock, mergeCrontab } from "../../../src/workflows/schedule/cron.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../../support/thrown.ts";
import { HARD_NAMES, jobOf } from "./job.ts";

const LOCAL = { time: "17:05", weekdays: [2, 3, 4, 5, 6, 7], laterMinutes: 60 };
const NAME = jobOf("x").name;

/** What cron makes of a command before it hands it to sh: a % is a line break, `\%` is a %. */
function commandAfterCron(text: string, joinsBackslashes: boolean): string {
  return text.replaceAll(/\\\\|\\%|%/g, (found) => {
    if (found === "%") return "\n";
    if (found === "\\%") return "%";
    return joinsBackslashes ? "\\" : found;
  });
}

describe("cronBlock", () => {
  test("is one line of cron between two comments", () => {
    expect(cronBlock(jobOf("bars"), LOCAL)).toBe(`# Made by massive-backfill schedule: ${NAME} begins
# Only one run works in a data directory: it holds the lock there, a second one ends with exit code 7.
5 17 * * 2,3,4,5,6,0 ( cd /srv/bars && /srv/bars/program hybrid --data-dir=/srv/bars/data --symbols=bars ) >> /srv/bars/data/logs/nightly.log 2>&1
# ${NAME} ends
`);
    expect(cronBlock(jobOf("bars"), { ...LOCAL, weekdays: [1, 2, 3, 4, 5, 6, 7] })).toContain(
      "\n5 17 * * * (",
    );
  });

  // Crons differ in what they make of two backslashes.
  describe.each([[false], [true]])("run by sh, where cron joins two backslashes: %p", (joinsBackslashes) => {
    test.each(HARD_NAMES)("passes %j on as it is", (name) => {
      using dir = tempDir();
      const job = jobOf(name, dir.path);
      mkdirSync(`${job.workingDir}/data/logs`, { recursive: true });
      const [program = ""] = job.argv;
      writeFileSync(program, `#!/bin/sh\npwd\nprintf '%s\\n' "$@"\n`);
      chmodSync(program, 0o755);
      const line = cronBlock(job, LOCAL).split("\n")[2] ?? "";
      const command = commandAfterCron(line.split(" ").slice(5).join(" "), joinsBackslashes);
      const { exitCode, stderr } = Bun.spawnSync(["/bin/sh", "-c", command], { cwd: "/", env: {} });
      expect([exitCode, stderr.toString()]).toEqual([0, ""]);
      expect(readFileSync(job.logPath, "utf8")).toBe(`${job.workingDir}\n${job.argv.slice(1).join("\n")}\n`);
    });
  });

  test("runs nothing where the working directory is gone, and the log says so", () => {
    using dir = tempDir();
    const job = {
      ...jobOf("x", dir.path),
      workingDir: `${dir.path}/gone`,
      argv: ["/usr/bin/touch", `${dir.path}/ran`],
    };
    mkdirSync(`${dir.path}/x/data/logs`, { recursive: true });
    const line = cronBlock(job, LOCAL).split("\n")[2] ?? "";
    const { exitCode } = Bun.spawnSync(["/bin/sh", "-c", line.split(" ").slice(5).join(" ")], { cwd: "/" });
    expect(exitCode).not.toBe(0);
    expect(readFileSync(job.logPath, "utf8")).toContain(`${dir.path}/gone`);
    expect(existsSync(`${dir.path}/ran`)).toBe(false);
  });
});

describe("mergeCrontab", () => {
  const block = cronBlock(jobOf("new"), LOCAL);
  const former = cronBlock(jobOf("old"), LOCAL);
  const foreign = "MAILTO=me@example.com\r\n# \u00e9 mine\n\t0 3 * * * backup \\% \n\n";
  const other = block.replaceAll(NAME, "massive-backfill-ffffffff");

  test.each([
    ["an empty one", "", block],
    ["others' lines", foreign, foreign + block],
    ["a last line without its end", "0 3 * * * backup", `0 3 * * * backup\n${block}`],
    ["the former entry", former, block],
    ["the former entry among others' lines", foreign + former + foreign, foreign + block + foreign],
    ["the former entry without the last line's end", foreign + former.trimEnd(), foreign + block],
    ["the same entry", foreign + block + foreign, foreign + block + foreign],
    ["another data directory's entry", other + foreign, other + foreign + block],
  ])("with %s", (_, crontab, expected) => {
    expect(mergeCrontab(crontab, NAME, block)).toBe(expected);
  });

  test("touches nothing where the end of the former entry is gone", () => {
    const broken = `${former.split("\n").slice(0, 2).join("\n")}\n${foreign}`;
    expect(wordsOf(thrownBy(() => mergeCrontab(broken, NAME, block)))).toEqual({
      kind: "settings",
      operation: "change the crontab",
      reason: `the line "# Made by massive-backfill schedule: ${NAME} begins" is there, but not the one that ends the entry`,
      nextStep: "Take the rest of the former entry out with crontab -e, and run the same command again.",
    });
  });
});
