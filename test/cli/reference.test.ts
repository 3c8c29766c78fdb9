import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandHelp } from "../../src/cli/help/command-help.ts";
import { programHelp } from "../../src/cli/help/program-help.ts";
import { manPage } from "../../src/cli/help/man-page.ts";
import { HELP_TOPICS } from "../../src/core/help-topics.ts";
import { fillSections, referenceSections } from "../../src/cli/reference.ts";
import { COMMANDS } from "../../src/cli/registry.ts";
import { normalizeArguments, checkArguments } from "../../src/cli/arguments.ts";
import packageJson from "../../package.json" with { type: "json" };
import { SETTINGS } from "../../src/core/settings.ts";

const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));

const LOOK = { columns: 80, colour: false };

/** The arguments of an example, which may end with a remark in brackets. */
function argumentsOf(example: string): string[] {
  return example
    .replace(/ {2,}\(.*\)$/, "")
    .replace(/ > .*$/, "")
    .trim()
    .split(" ")
    .map((word) => word.replaceAll("'", ""));
}

describe.each(commands.map((command) => [command.name, command] as const))("%s", (name, command) => {
  test("is registered under its name and says what it does", () => {
    expect(Object.hasOwn(COMMANDS, name)).toBe(true);
    expect(command.summary).not.toBe("");
    expect(command.summary).not.toEndWith(".");
  });

  test("can be run from a clone by its name", () => {
    expect(packageJson.scripts).toMatchObject({
      [`backfill:${name}`]: `bun --no-env-file src/main.ts ${name}`,
    });
  });

  test("has a help with every flag, what it means, and an example", async () => {
    const help = commandHelp(command, LOOK);
    expect(help).toContain(`USAGE  massive-backfill ${name}`);
    const words = help.replaceAll(/\s+/g, " ");
    for (const [flag, { description }] of Object.entries(command.flags)) {
      expect(description ?? "").not.toBe("");
      expect(help).toMatch(new RegExp(String.raw`--${flag}[ =]`));
      expect(words).toContain(description ?? "");
    }
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) expect(help).toContain(`  massive-backfill ${example}\n`);
  });

  test("has examples that it understands itself", () => {
    for (const example of command.examples) {
      const [first, ...rest] = normalizeArguments(argumentsOf(example));
      expect(first).toBe(name);
      expect(() => checkArguments(name, rest, command)).not.toThrow();
    }
  });

  test("is in the README with every flag", () => {
    const { commands: table = "", flags = "" } = referenceSections([command]);
    expect(table).toContain(`| \`${name}\` | ${command.summary.replaceAll("|", String.raw`\|`)} |\n`);
    for (const flag of Object.keys(command.flags)) expect(flags).toMatch(new RegExp(`--${flag}[=\`]`));
  });

  test("is in the manual page with every flag", () => {
    const page = manPage([command], "1.2.3").replaceAll(String.raw`\-`, "-");
    expect(page).toContain(`.SS "massive-backfill ${name}`);
    for (const flag of Object.keys(command.flags)) expect(page).toMatch(new RegExp(`--${flag}[=\\\\]`));
  });
});

test("the program's help has every command and every page about a trouble", () => {
  const help = programHelp(commands, "1.2.3", LOOK);
  expect(help).toStartWith("massive-backfill 1.2.3: ");
  const words = help.replaceAll(/\s+/g, " ");
  for (const { name, summary } of commands) expect(words).toContain(` ${name} ${summary} `);
  for (const topic of HELP_TOPICS) expect(words).toMatch(new RegExp(`${topic}(?:,| $)`));
  for (const line of help.split("\n")) expect(line.trimEnd()).toBe(line);
});

describe("the README", () => {
  const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");

  test("has the reference that the code makes (bun run readme writes it)", () => {
    expect(fillSections(readme, referenceSections(commands))).toBe(readme);
  });

  test("has a page about every trouble, which is what errors name", () => {
    const { troubleshooting = "" } = referenceSections(commands);
    for (const topic of HELP_TOPICS) expect(troubleshooting).toContain(`\`massive-backfill help ${topic}\``);
  });

  test("names every setting and every exit code", () => {
    const { settings = "", "exit codes": codes = "" } = referenceSections(commands);
    for (const { variable } of Object.values(SETTINGS)) expect(settings).toContain(`| \`${variable}\` |`);
    expect(codes).toBe(
      [
        "| code | means |",
        "|---|---|",
        "| 0 | all that was asked for is cached (and synced, if a database is set) |",
        "| 1 | a bug of ours; run again with --verbose and report it |",
        "| 2 | the command line is wrong |",
        "| 3 | settings, credentials or the plan do not allow it |",
        "| 4 | some days failed, or the disk did; the rest is safe in the cache |",
        "| 5 | cached, but not all synced to the database |",
        "| 6 | the check found gaps or faults |",
        "| 7 | another run is at work in the same data directory |",
        "| 130 | interrupted; all finished days are kept |",
        "",
      ].join("\n"),
    );
  });
});

describe("fillSections", () => {
  const text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n<!-- begin y -->\n<!-- end y -->\nc\n";

  test("replaces what stands between the markers and nothing else", () => {
    const filled = fillSections(text, { x: "new $& $1\n", y: "more\n" });
    expect(filled).toBe(
      "a\n<!-- begin x -->\nnew $& $1\n<!-- end x -->\nb\n<!-- begin y -->\nmore\n<!-- end y -->\nc\n",
    );
    expect(fillSections(filled, { x: "new $& $1\n", y: "more\n" })).toBe(filled);
  });

  test("refuses a text without the markers, or with them in the wrong order", () => {
    expect(() => fillSections(text, { z: "" })).toThrow('the README has no markers for "z"');
    expect(() => fillSections("<!-- end x --><!-- begin x -->", { x: "" })).toThrow("no markers");
  });
});
