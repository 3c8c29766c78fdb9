import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { fullVersion } from "../../src/cli/version.ts";
import { COMMANDS } from "../../src/cli/registry.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { run, type Ran } from "./run-program.ts";
import { emptyWorkplace } from "./workplace.ts";

let workplace: TempDir;

beforeEach(() => {
  workplace = emptyWorkplace();
});

afterEach(() => {
  workplace[Symbol.dispose]();
});

function usageError(message: string, nextStep: string): Ran {
  return {
    code: 2,
    written: "",
    messages: [`error ${message}\n  → ${nextStep}\n  More: npx bun run massive-backfill help command-line`],
  };
}

describe("the program itself", () => {
  test("prints its version", async () => {
    const version = { code: 0, written: `${fullVersion()}\n`, messages: [] };
    expect(version.written).toStartWith(`${packageJson.version} (`);
    expect(await run("--version")).toEqual(version);
    expect(await run("-v")).toEqual(version);
  });

  test("prints its help if asked, and if told nothing", async () => {
    const help = await run("--help");
    expect([help.code, help.messages]).toEqual([0, []]);
    for (const name of Object.keys(COMMANDS)) expect(help.written).toContain(`\n  ${name} `);
    expect(await run()).toEqual(help);
    expect(await run("-h")).toEqual(help);
    expect(await run("help")).toEqual(help);
    expect(await run("--")).toEqual(help);
  });

  test.each(Object.keys(COMMANDS))("prints the help of %s, whatever else is written", async (name) => {
    const { code, written, messages } = await run(name, "--help");
    expect([code, messages]).toEqual([0, []]);
    expect(Bun.stripANSI(written)).toContain(`USAGE  massive-backfill ${name}`);
    expect(await run(name, "--wibble", "-h")).toEqual({ code, written, messages });
  });

  test("prints help without colours where there are none", async () => {
    // In a process of its own: the environment of the tests may have turned colours off.
    const { NO_COLOR: _, CI: _ci, TEST: _test, ...environment } = process.env;
    const main = join(import.meta.dir, "../../src/main.ts");
    const child = Bun.spawn([process.execPath, "--no-env-file", main, "hybrid", "--help"], {
      env: { ...environment, TERM: "xterm" },
      stdout: "pipe",
      stderr: "ignore",
    });
    expect(await new Response(child.stdout).text()).not.toContain("\u001B");
  });

  test("knows no other commands", async () => {
    expect(await run("wibble")).toEqual(
      usageError('read the command line: there is no command "wibble"', "See massive-backfill --help."),
    );
    expect(await run("hybird")).toEqual(
      usageError('read the command line: there is no command "hybird"', "Did you mean hybrid?"),
    );
    expect((await run("constructor")).code).toBe(2);
    expect((await run("--symbols=SPX")).code).toBe(2);
  });
});

describe("an error", () => {
  test("is one JSON object on stdout with --json", async () => {
    const { code, written, messages } = await run("hybrid", "--simbols=SPX", "--json");
    expect(code).toBe(2);
    expect(messages).toHaveLength(1);
    expect(JSON.parse(written)).toEqual({
      schemaVersion: 1,
      command: "hybrid",
      error: {
        kind: "usage",
        operation: "read the command line of hybrid",
        reason: "--simbols is no flag of this command; did you mean --symbols?",
        nextStep: "See massive-backfill hybrid --help.",
        help: "command-line",
      },
    });
  });

  test("of an unknown command is one too", async () => {
    expect(JSON.parse((await run("hybird", "--json")).written)).toEqual({
      schemaVersion: 1,
      command: "hybird",
      error: {
        kind: "usage",
        operation: "read the command line",
        reason: 'there is no command "hybird"',
        nextStep: "Did you mean hybrid?",
        help: "command-line",
      },
    });
  });

  test("is one with --json=true, as the result is, and none with --json=false", async () => {
    const wrong = ["status", "--days=x"];
    expect((await run(...wrong, "--json=false")).written).toBe("");
    expect((await run("status", "--json=true")).written).toStartWith("{");
    expect((await run(...wrong, "--json=true")).written).toStartWith("{");
  });

  test("has its stack with --verbose alone", async () => {
    const [quiet = ""] = (await run("hybrid", "--days")).messages;
    const [loud = ""] = (await run("hybrid", "--days", "--verbose")).messages;
    expect(quiet).not.toContain("    at ");
    expect(loud).toStartWith(quiet);
    expect(loud).toContain("    at ");
  });
});
