import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../src/cache/cache.ts";
import { track } from "../../src/cache/symbols.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { nightlyName } from "../../src/workflows/schedule/job.ts";
import { commandLine, expectExit, run, type Outcome } from "../support/binary.ts";
import { CRONTAB, fakeTools } from "../support/fake-tools.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

const [BINARY = ""] = commandLine([]);
const FOREIGN = "MAILTO=me@example.com\n0 3 * * * backup 100\\%\n";
let dir: TempDir;
/** The working directory, which is HOME too. */
let cwd: string;
let name: string;

beforeEach(() => {
  dir = tempDir();
  cwd = join(dir.path, "my market");
  mkdirSync(cwd);
  name = nightlyName(join(cwd, "data"));
});
afterEach(() => dir[Symbol.dispose]());

function tools(scripts: Readonly<Record<string, string>>) {
  return fakeTools(join(dir.path, "tools"), scripts);
}

function schedule(flags: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  return run(["schedule", ...flags], { cwd, env });
}

/** Runs the command as JSON; it has to tell this error alone. */
async function expectRefusal(
  flags: readonly string[],
  PATH: string,
  code: number,
  error: Readonly<Record<"kind" | "operation" | "reason" | "nextStep" | "help", string>>,
): Promise<void> {
  const outcome = await schedule([...flags, "--json"], { PATH });
  expectExit(outcome, code);
  expect(outcome.json()).toEqual({ schemaVersion: 1, command: "schedule", error });
}

describe("schedule", () => {
  test("shows a line for cron where there is nothing else, and changes nothing", async () => {
    const { PATH, calls } = tools({ crontab: CRONTAB });
    const outcome = await schedule([], { PATH, TZ: "America/New_York" });
    expectExit(outcome, 0);
    expect(outcome.stdout).toBe(`# Made by massive-backfill schedule: ${name} begins
# Only one run works in a data directory: it holds the lock there, a second one ends with exit code 7.
45 11 * * 2,3,4,5,6 ( cd '${cwd}' && ${BINARY} hybrid '--data-dir=${cwd}/data' --wait --until=13:45 ) >> '${cwd}/data/logs/nightly.log' 2>&1
# ${name} ends
`);
    for (const note of ["tracks no symbols yet", "There is no .env.local in", "Nothing was installed"])
      expect(outcome.stderr).toContain(note);
    expect(calls()).toEqual([]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("chooses systemd where it answers for the user, cron where it does not", async () => {
    const usable = tools({ systemctl: "exit 0" });
    expect((await schedule(["--json"], { PATH: usable.PATH })).json()).toMatchObject({ kind: "systemd" });
    expect(usable.calls()).toEqual(["systemctl --user show-environment"]);
    const unusable = tools({ systemctl: "echo Failed to connect to bus >&2; exit 1" });
    expect((await schedule(["--json"], { PATH: unusable.PATH })).json()).toMatchObject({ kind: "cron" });
  });

  test("goes by the symbols: every day for crypto, and passes on what the run needs but no secret", async () => {
    writeFileSync(join(cwd, ".env.local"), "MASSIVE_API_KEY=do-not-print-this\n");
    const env = {
      TZ: "Asia/Tokyo",
      MASSIVE_API_KEY: "do-not-print-this",
      DATABASE_URL: "postgres://me:do-not-print-that@localhost/market",
    };
    const flags = [
      "--symbols=SPX,X:BTC-USD",
      "--table=research.bars",
      "--at=12:30",
      "--kind=launchd",
      "--json",
    ];
    const outcome = await schedule(flags, env);
    expectExit(outcome, 0);
    const plist = join(cwd, "Library", "LaunchAgents", `${name}.plist`);
    expect(outcome.json()).toMatchObject({
      schemaVersion: 1,
      command: "schedule",
      kind: "launchd",
      name,
      files: [{ path: plist, text: expect.stringContaining("<string>--symbols=SPX,X:BTC-USD</string>") }],
      crontab: null,
      job: {
        argv: [
          BINARY,
          "hybrid",
          `--data-dir=${cwd}/data`,
          "--symbols=SPX,X:BTC-USD",
          "--table=research.bars",
          "--wait",
          "--until=14:30",
        ],
        workingDir: cwd,
        logPath: join(cwd, "data", "logs", "nightly.log"),
        time: "12:30",
        weekdays: [1, 2, 3, 4, 5, 6, 7],
      },
      local: { timeZone: "Asia/Tokyo", time: "02:30", laterMinutes: 60 },
      notes: expect.arrayContaining([
        `Settings and keys come from ${join(cwd, ".env.local")}: the entry holds no secrets.`,
        "Only this shell has DATABASE_URL: put what the nightly run needs of it into .env.local too.",
      ]),
      installed: false,
    });
  });

  test("goes by what the cache tracks", async () => {
    const cache = openCache(join(cwd, "data"));
    await track(cache, { symbols: [trackedSymbol("forex", "C:EUR-USD")], wholeDatasets: [] }, 0);
    cache.close();
    expect((await schedule(["--kind=systemd"], {})).stdout).toContain(
      "\nOnCalendar=Mon..Sat *-*-* 11:45:00 America/New_York\n",
    );
  });
});

describe("schedule --install", () => {
  test("puts its lines into the crontab, replaces them the next time, and leaves those of others", async () => {
    const { PATH, calls } = tools({ crontab: CRONTAB });
    const crontab = join(dir.path, "tools", "crontab");
    const first = await schedule(["--install"], { PATH });
    expectExit(first, 0);
    expect(first.stdout).toEndWith("\nyour crontab: new\n\nInstalled.\n");
    expect(existsSync(join(cwd, "data", "logs"))).toBe(true);

    const latin1 = Buffer.concat([
      Buffer.from("# caf\xe9\n", "latin1"),
      readFileSync(crontab),
      Buffer.from(FOREIGN),
    ]);
    writeFileSync(crontab, latin1);
    const second = await schedule(["--install", "--at=12:30"], { PATH });
    expectExit(second, 0);
    const changed = second.stdout.slice(second.stdout.indexOf("your crontab: changes"));
    expect(changed.match(/^ {2}[+-] \d+ \d+/gm)).toEqual(["  - 45 16", "  + 30 17"]);
    const now = readFileSync(crontab, "latin1");
    expect(now).toStartWith(`# caf\xe9\n# Made by massive-backfill schedule: ${name} begins\n`);
    expect(now).toEndWith(`\n# ${name} ends\n${FOREIGN}`);
    expect(now.match(/--until=\d\d:\d\d/g)).toEqual(["--until=14:30"]);

    const third = await schedule(["--install", "--at=12:30", "--json"], { PATH });
    expect(third.json()).toMatchObject({ installed: true, changes: [{ path: null, state: "unchanged" }] });
    expect(calls()).toEqual(["crontab -l", "crontab -", "crontab -l", "crontab -", "crontab -l"]);
  });

  test("writes systemd's units and starts the timer", async () => {
    const { PATH, calls } = tools({ systemctl: "exit 0" });
    const folder = join(cwd, ".config", "systemd", "user");
    const outcome = await schedule(["--install", "--kind=systemd"], { PATH });
    expectExit(outcome, 0);
    expect(readdirSync(folder).toSorted()).toEqual([`${name}.service`, `${name}.timer`]);
    expect(outcome.stdout).toContain(readFileSync(join(folder, `${name}.service`), "utf8"));
    expect(outcome.stdout).toContain(readFileSync(join(folder, `${name}.timer`), "utf8"));
    const started = [
      "systemctl --user daemon-reload",
      `systemctl --user enable --now ${name}.timer`,
      `systemctl --user restart ${name}.timer`,
    ];
    expect(calls()).toEqual(started);

    const again = await schedule(["--install", "--kind=systemd", "--at=12:30"], { PATH });
    expect(again.stdout).toContain("\n  - OnCalendar=Tue..Sat *-*-* 11:45:00 America/New_York\n");
    expect(again.stdout).toContain("\n  + OnCalendar=Tue..Sat *-*-* 12:30:00 America/New_York\n");
    expect(calls()).toEqual([...started, ...started]);
  });

  test("writes launchd's agent, and says what is to be run where there is no launchctl", async () => {
    const { PATH } = tools({});
    const path = join(cwd, "Library", "LaunchAgents", `${name}.plist`);
    const domain = `gui/${process.getuid?.()}`;
    const outcome = await schedule(["--install", "--kind=launchd"], { PATH });
    expectExit(outcome, 0);
    expect(existsSync(path)).toBe(true);
    expect(outcome.stdout).toEndWith(
      `Written. The scheduler's program is not on PATH here: run these where it is.\n  launchctl bootout ${domain}/${name}\n  launchctl bootstrap ${domain} ${path}\n`,
    );
    const { PATH: withTool, calls } = tools({ launchctl: '[ "$1" = bootstrap ]' });
    expectExit(await schedule(["--install", "--kind=launchd"], { PATH: withTool }), 0);
    expect(calls()).toEqual([`launchctl bootout ${domain}/${name}`, `launchctl bootstrap ${domain} ${path}`]);
  });
});

describe("schedule --install that cannot be done", () => {
  test("says that there is no crontab program", async () => {
    const { PATH } = tools({});
    await expectRefusal(["--install", "--kind=cron"], PATH, 3, {
      kind: "settings",
      operation: "read the crontab",
      reason: "there is no crontab program on PATH",
      nextStep: "Install cron (on Debian: apt install cron), or choose --kind=systemd or --kind=launchd.",
      help: "settings",
    });
  });

  test("says what crontab said, and does not take it for an empty crontab", async () => {
    const { PATH, calls } = tools({
      crontab: "echo 'You (me) are not allowed to use this program (crontab)' >&2; exit 1",
    });
    await expectRefusal(["--install", "--kind=cron"], PATH, 3, {
      kind: "settings",
      operation: "read the crontab",
      reason: "You (me) are not allowed to use this program (crontab)",
      nextStep: "Ask whoever looks after this machine, or choose another --kind.",
      help: "settings",
    });
    expect(calls()).toEqual(["crontab -l"]);
  });

  test("leaves a file that somebody else made", async () => {
    const folder = join(cwd, ".config", "systemd", "user");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.timer`), "[Timer]\nOnCalendar=daily\n");
    const { PATH, calls } = tools({ systemctl: "exit 0" });
    await expectRefusal(["--install", "--kind=systemd"], PATH, 3, {
      kind: "settings",
      operation: `write ${join(folder, `${name}.timer`)}`,
      reason: "there is a file of that name which this program did not make",
      nextStep: "Move it away, and run the same command again.",
      help: "settings",
    });
    expect([readdirSync(folder), calls()]).toEqual([[`${name}.timer`], []]);
  });

  test("says what systemctl said", async () => {
    const { PATH } = tools({ systemctl: "echo 'Failed to connect to bus: No medium found' >&2; exit 1" });
    const outcome = await schedule(["--install", "--kind=systemd"], { PATH });
    expectExit(outcome, 3);
    expect(outcome.stderr).toBe(
      "[error] run systemctl --user daemon-reload: Failed to connect to bus: No medium found\n  → The files are written: log in as that user and run the command there.\n  More: massive-backfill help settings\n",
    );
  });
});

describe("schedule refuses", () => {
  test.each([
    [["--at=25:00"], "at", '"25:00" is not a time', "Write it as HH:MM in New York, such as 11:30."],
    [["--kind=windows"], "kind", '"windows" is no kind of scheduler', "Write one of cron, systemd, launchd."],
  ])("%j", async (flags, flag, reason, nextStep) => {
    const told = { kind: "usage", operation: `read --${flag}`, reason, nextStep, help: "command-line" };
    await expectRefusal(flags, "", 2, told);
  });

  test("a database URL, whose password would stand in the entry", async () => {
    const outcome = await schedule(["--database-url=postgres://me:passw0rd@localhost/market"], {});
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain("--database-url is no flag of this command");
  });

  test("a folder whose name has a line break", async () => {
    const outcome = await schedule(["--kind=cron", "--data-dir=two\nlines"], {});
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain("it holds a line break or another control character");
  });
});
