import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeEntry } from "../../../src/workflows/schedule/entry.ts";
import { propertyList } from "../../../src/workflows/schedule/launchd.ts";
import { serviceUnit, timerUnit } from "../../../src/workflows/schedule/systemd.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../../support/thrown.ts";
import { HARD_NAMES, jobOf } from "./job.ts";

const LOCAL = { time: "17:05", weekdays: [2, 7], laterMinutes: 0 };
const PLACES = { homeDir: "/home/me", configDir: "/home/me/.config", userId: 1000 };

describe("serviceUnit", () => {
  test("runs the job once, in its folder, into its log", () => {
    expect(serviceUnit(jobOf("bars"))).toBe(`# Made by massive-backfill schedule
# Only one run works in a data directory: it holds the lock there, a second one ends with exit code 7.
[Unit]
Description=Nightly massive-backfill (massive-backfill-0123abcd)

[Service]
Type=oneshot
WorkingDirectory=/srv/bars
ExecStart=:/srv/bars/program hybrid --data-dir=/srv/bars/data --symbols=bars
StandardOutput=append:/srv/bars/data/logs/nightly.log
StandardError=inherit
`);
  });

  test.each(HARD_NAMES)("keeps %j through systemd's reading", (name) => {
    const job = jobOf(name);
    const lines = new Map(
      serviceUnit(job)
        .split("\n")
        .filter((line) => line.includes("="))
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const words = readWords((lines.get("ExecStart") ?? "").replace(/^:/, ""));
    // What systemd 252 calls "special characters" and refuses in the name of a program.
    const shell = /['"\\]/.test(name) ? ["/bin/sh", "-c", 'exec "$0" "$@"'] : [];
    expect(words).toEqual([...shell, ...job.argv]);
    expect(readSpecifiers(lines.get("WorkingDirectory") ?? "")).toBe(job.workingDir);
    expect(readSpecifiers(lines.get("StandardOutput") ?? "")).toBe(`append:${job.logPath}`);
  });

  test.each(["/srv/ends in space ", "/srv/ends in \\"])("keeps the end of %j", (workingDir) => {
    expect(serviceUnit({ ...jobOf("x"), workingDir })).toContain(`\nWorkingDirectory=${workingDir}/\n`);
  });
});

test("a program that systemd starts by a shell gets its arguments as they are", () => {
  using dir = tempDir();
  const job = jobOf(String.raw`it's "$HOME" \n`, dir.path);
  const [program = ""] = job.argv;
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@"\n`);
  chmodSync(program, 0o755);
  const line = /^ExecStart=:(.*)$/m.exec(serviceUnit(job))?.[1] ?? "";
  const { stdout } = Bun.spawnSync(readWords(line), { env: {} });
  expect(stdout.toString()).toBe(`${job.argv.slice(1).join("\n")}\n`);
});

describe("timerUnit", () => {
  test.each([
    [[2, 3, 4, 5, 6], "Tue..Sat *-*-* 11:45:00 America/New_York"],
    [[1, 2, 3, 4, 5, 6], "Mon..Sat *-*-* 11:45:00 America/New_York"],
    [[1, 2, 3, 4, 5, 6, 7], "*-*-* 11:45:00 America/New_York"],
    [[1, 3, 7], "Mon,Wed,Sun *-*-* 11:45:00 America/New_York"],
  ])("goes by New York's clock: %j", (weekdays, calendar) => {
    expect(timerUnit({ ...jobOf("x"), weekdays })).toBe(`# Made by massive-backfill schedule
[Unit]
Description=When massive-backfill runs (massive-backfill-0123abcd)

[Timer]
OnCalendar=${calendar}
Persistent=true

[Install]
WantedBy=timers.target
`);
  });
});

describe("propertyList", () => {
  test.each(HARD_NAMES)("keeps %j through the reading of XML", (name) => {
    const job = jobOf(name);
    expect(readPropertyList(propertyList(job, LOCAL))).toEqual({
      Label: job.name,
      ProgramArguments: [...job.argv],
      WorkingDirectory: job.workingDir,
      StandardOutPath: job.logPath,
      StandardErrorPath: job.logPath,
      StartCalendarInterval: [
        { Weekday: 2, Hour: 17, Minute: 5 },
        { Weekday: 0, Hour: 17, Minute: 5 },
      ],
    });
  });

  test("names no day where it runs on each", () => {
    const everyDay = { ...LOCAL, weekdays: [1, 2, 3, 4, 5, 6, 7] };
    expect(readPropertyList(propertyList(jobOf("x"), everyDay))).toMatchObject({
      StartCalendarInterval: [{ Hour: 17, Minute: 5 }],
    });
  });
});

test.each(["cron", "systemd", "launchd"] as const)("%s takes no line break in a name", (kind) => {
  for (const name of ["two\nlines", "return\r", "bell\u0007", "\u0085next"])
    expect(wordsOf(thrownBy(() => makeEntry(kind, jobOf(name), LOCAL, PLACES)))).toMatchObject({
      kind: "usage",
      reason: "it holds a line break or another control character, which no scheduler takes",
    });
});

/** Words as systemd.syntax(7) and systemd.service(5) tell: quotes, backslashes, then specifiers. */
function readWords(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"'\\]+)/gsu)].map(([, quoted, bare]) =>
    readSpecifiers(quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\(["\\])/g, "$1")),
  );
}

function readSpecifiers(text: string): string {
  const rest = text.replaceAll("%%", "");
  if (rest.includes("%")) throw new Error(`a specifier is left in ${text}`);
  return text.replaceAll("%%", "%");
}

/** A property list as a value. */
function readPropertyList(xml: string): unknown {
  const tokens = [...xml.slice(xml.indexOf("<plist")).matchAll(/<(\/?)([a-z]+)[^>]*>([^<]*)/gs)];
  let at = 1;
  const read = (): unknown => {
    const [, , tag, text = ""] = tokens[at++] ?? [];
    if (tag === "string" || tag === "integer") {
      at++;
      const plain = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
      return tag === "integer" ? Number(plain) : plain;
    }
    const entries: [string, unknown][] = [];
    const values: unknown[] = [];
    while (tokens[at]?.[1] !== "/") {
      if (tag === "array") values.push(read());
      else {
        const key = tokens[at]?.[3] ?? "";
        at += 2;
        entries.push([key, read()]);
      }
    }
    at++;
    return tag === "array" ? values : Object.fromEntries(entries);
  };
  return read();
}
