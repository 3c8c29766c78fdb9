import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { checkArguments, editDistance, normalizeArguments } from "../../src/cli/arguments.ts";
import { hybridCommand } from "../../src/cli/commands/hybrid.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("normalizeArguments", () => {
  test("leaves a command line in its own form as it is", () => {
    const argv = ["hybrid", "--symbols=SPX,NDX", "--data-dir", "./data", "-n", "--json", "--dry-run=false"];
    expect(normalizeArguments(argv)).toEqual(argv);
  });

  test("drops the -- that package managers pass on, wherever it stands", () => {
    expect(normalizeArguments(["hybrid", "--", "--symbols=SPX"])).toEqual(["hybrid", "--symbols=SPX"]);
    expect(normalizeArguments(["--", "hybrid", "--", "--days=5"])).toEqual(["hybrid", "--days=5"]);
    expect(normalizeArguments(["--"])).toEqual([]);
  });

  test("brings camelCase flags into kebab-case, their values untouched", () => {
    expect(
      normalizeArguments([
        "--dataDir=/Data/MyBars",
        "--dryRun",
        "--databaseUrl",
        "postgres://Host/Db",
        "--symbolsFile=A=B",
      ]),
    ).toEqual([
      "--data-dir=/Data/MyBars",
      "--dry-run",
      "--database-url",
      "postgres://Host/Db",
      "--symbols-file=A=B",
    ]);
  });

  test("knows the guide's --startDate and --endDate", () => {
    expect(normalizeArguments(["--startDate=2024-08-01", "--endDate", "2024-11-23"])).toEqual([
      "--from=2024-08-01",
      "--to",
      "2024-11-23",
    ]);
    expect(normalizeArguments(["--start-date=2024-08-01", "--end-date=x"])).toEqual([
      "--from=2024-08-01",
      "--to=x",
    ]);
  });

  test("takes a value of several lines and an empty one as they are", () => {
    expect(normalizeArguments(["--symbols=SPX\nNDX", "--table="])).toEqual([
      "--symbols=SPX\nNDX",
      "--table=",
    ]);
  });

  test("does nothing to what is no flag", () => {
    const argv = ["SPX", "BRK.B", "startDate", "-startDate", "---x", "--2Days", ""];
    expect(normalizeArguments(argv)).toEqual(argv);
  });
});

const FLAGS = {
  symbols: { type: "string" },
  "symbols-file": { type: "string" },
  to: { type: "string" },
  today: { type: "string" },
  days: { type: "string" },
  json: { type: "boolean" },
  "dry-run": { type: "boolean", alias: "n" },
} as const satisfies ArgsDef;

function check(...args: readonly string[]): void {
  checkArguments("test", args, { flags: FLAGS });
}

function reasonOf(...args: readonly string[]): string {
  return thrownBy(() => check(...args)).reason;
}

describe("checkArguments", () => {
  test.each([
    [[]],
    [["--symbols=SPX", "--json"]],
    [["--symbols", "SPX", "--days", "5"]],
    [["--symbols=a=b"]],
    [["-n"]],
    [["--dry-run=true", "--json=false"]],
  ])("accepts %j", (args) => {
    expect(() => check(...args)).not.toThrow();
  });

  test("says what is wrong as a usage error", () => {
    expect(wordsOf(thrownBy(() => check("--simbols=SPX")))).toEqual({
      kind: "usage",
      operation: "read the command line of test",
      reason: "--simbols is no flag of this command; did you mean --symbols?",
      nextStep: "See massive-backfill test --help.",
    });
  });

  test.each([
    ["--wibble", "--wibble is no flag of this command"],
    ["--wibble=5", "--wibble is no flag of this command"],
    ["--sym=SPX", "--sym is no flag of this command; did you mean --symbols?"],
    ["--dryrun", "--dryrun is no flag of this command; did you mean --dry-run?"],
    ["-dry-run", "-dry-run is no flag of this command; did you mean --dry-run?"],
    ["--constructor", "--constructor is no flag of this command"],
    ["--toString=1", "--toString is no flag of this command"],
  ])("refuses %s", (argument, reason) => {
    expect(reasonOf(argument)).toBe(reason);
  });

  test("means the nearest flag, not the first that is near", () => {
    expect(reasonOf("--tody=2024-11-22")).toBe("--tody is no flag of this command; did you mean --today?");
    expect(reasonOf("--day=5")).toBe("--day is no flag of this command; did you mean --days?");
  });

  test("means no flag that shares nothing with what was written", () => {
    expect(reasonOf("-x")).toBe("-x is no flag of this command");
  });

  test("never shows the value of a flag, which may be a secret", () => {
    expect(reasonOf("--databse-url=postgres://me:secret@host/db")).not.toContain("secret");
  });

  test.each([
    [["--symbols"]],
    [["--symbols="]],
    [["--symbols", "--json"]],
    [["--symbols", "-n"]],
    [["--json", "--symbols"]],
  ])("misses the value in %j", (args) => {
    expect(reasonOf(...args)).toBe("--symbols needs a value");
  });

  test("misses the value of --days if it looks like a flag", () => {
    expect(reasonOf("--days", "-5")).toBe("--days needs a value");
  });

  test("refuses a value for a flag that takes none", () => {
    expect(reasonOf("--json=yes")).toBe("--json takes no value");
    expect(reasonOf("-n=1")).toBe("-n takes no value");
    expect(reasonOf("--json", "false")).toBe("false is not expected here: everything is given by flags");
  });

  test.each([
    [["SPX"]],
    [["--symbols", "SPX", "NDX"]],
    [["--json", "hybrid"]],
    [["-"]],
    [["--symbols=SPX", ""]],
  ])("refuses the bare argument in %j", (args) => {
    expect(reasonOf(...args)).toEndWith(" is not expected here: everything is given by flags");
  });

  test("refuses a value for a short flag, which citty would not look at", () => {
    expect(reasonOf("-n=false")).toBe("-n takes no value");
  });

  test("refuses a second value for a flag, since the first would be lost", () => {
    expect(reasonOf("--symbols=SPX", "--symbols=NDX")).toStartWith("--symbols ");
  });

  test("knows the short form of a command's own flags", () => {
    expect(() => checkArguments("hybrid", ["-n", "--symbols=SPX"], hybridCommand)).not.toThrow();
  });
});

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["days", "days", 0],
    ["", "days", 4],
    ["days", "", 4],
    ["day", "days", 1],
    ["dys", "days", 1],
    ["daya", "days", 1],
    ["form", "from", 2],
    ["kitten", "sitting", 3],
  ])("from %p to %p is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
