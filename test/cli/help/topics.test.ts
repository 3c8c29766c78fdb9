import { describe, expect, test } from "bun:test";
import { checkArguments, normalizeArguments } from "../../../src/cli/arguments.ts";
import { topicHelp } from "../../../src/cli/help/topic-help.ts";
import { TOPIC_PAGES } from "../../../src/cli/help/topics.ts";
import { COMMANDS } from "../../../src/cli/registry.ts";
import { BackfillError, type ErrorKind } from "../../../src/core/errors.ts";
import { HELP_TOPICS, type HelpTopic } from "../../../src/core/help-topics.ts";
import { SETTINGS } from "../../../src/core/settings.ts";
import { run } from "../run-program.ts";

const LOOK = { columns: 80, colour: false };
const COMMAND = /(?:^|&& )massive-backfill ([a-z]+)(.*)$/;

describe.each([...HELP_TOPICS])("the page %s", (topic) => {
  const page = TOPIC_PAGES[topic];

  test("is shown by help, in lines that fit", async () => {
    const { code, written } = await run("help", topic);
    expect([code, written]).toEqual([0, topicHelp(topic, LOOK)]);
    expect(written).toStartWith(`${page.title}\n\nYou see: `);
    const tooLong = written.split("\n").filter((line) => line.length > 80 && !line.startsWith("  "));
    expect(tooLong).toEqual([]);
  });

  test("has code in pairs of backticks", () => {
    for (const text of [page.seen, ...page.text]) expect(text.split("`").length % 2).toBe(1);
  });

  test("names commands and flags that there are", async () => {
    for (const [command] of page.commands) {
      const [, name = "", rest = ""] = COMMAND.exec(command) ?? [];
      if (name === "") continue;
      const load = COMMANDS[name];
      if (load === undefined) throw new Error(`there is no command ${name}`);
      const args = normalizeArguments(rest.split(" ").filter((word) => word !== ""));
      if (!args.includes("--help")) checkArguments(name, args, await load());
    }
  });
});

test("the page about settings lists every one", () => {
  const page = topicHelp("settings", LOOK);
  for (const { variable } of Object.values(SETTINGS)) expect(page).toMatch(new RegExp(`^  ${variable}`, "m"));
});

test("a subject that there is nothing about is a usage error that names the nearest", async () => {
  const ran = await run("help", "s3-key");
  expect([ran.code, ran.messages]).toEqual([
    2,
    [
      'error show help: there is none about "s3-key"\n  → Did you mean s3-keys?\n  More: npx bun run massive-backfill help command-line',
    ],
  ]);
  expect((await run("help", "hybrid")).written).toBe((await run("hybrid", "--help")).written);
});

describe("an error names the page", () => {
  test.each<[ErrorKind, string | undefined, HelpTopic | undefined, HelpTopic]>([
    ["usage", undefined, undefined, "command-line"],
    ["settings", undefined, undefined, "settings"],
    ["settings", "clock-skew", undefined, "clock"],
    ["settings", "not-entitled", undefined, "plan"],
    ["settings", "not-entitled-date", undefined, "plan"],
    ["settings", "bad-credentials", "s3-keys", "s3-keys"],
    ["source", "transient", undefined, "network"],
    ["source", "not-published", undefined, "no-file"],
    ["data", "bad-rows", undefined, "bad-rows"],
    ["cache", undefined, undefined, "cache"],
    ["cache", "disk-full", undefined, "disk"],
    ["target", "transient", undefined, "postgres"],
    ["target", undefined, "postgres-table", "postgres-table"],
    ["locked", undefined, undefined, "locked"],
    ["interrupted", undefined, undefined, "interrupted"],
  ])("of kind %s, code %s, page %s: %s", (kind, code, help, page) => {
    const error = new BackfillError({
      kind,
      operation: "o",
      reason: "r",
      nextStep: "n",
      help,
      ...(code === undefined ? {} : { code }),
    });
    expect(error.help).toBe(page);
  });
});
