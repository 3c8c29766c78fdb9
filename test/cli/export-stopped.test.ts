import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { smallCache } from "../support/small-cache.ts";
import { runStopped } from "./run-program.ts";
import { emptyWorkplace } from "./workplace.ts";

test.each([
  ["bars.csv", [], "nothing was written", "Run the same command again: it starts anew."],
  ["lake", ["--incremental"], "finished files are kept", "Run the same command again to go on."],
  [
    "lake",
    [],
    "finished files are kept",
    "Run the same command again: it starts anew, and with --incremental it goes on.",
  ],
  ["lake", ["--from=2024-11-21"], "finished files are kept", "Run the same command again: it starts anew."],
  [
    "lean",
    ["--format=lean", "--from=2024-11-21"],
    "finished files are kept",
    "Run the same command again: it starts anew, and with --incremental it goes on.",
  ],
])("an export to %s with %j that was stopped says what is there", async (out, flags, reason, nextStep) => {
  using place = emptyWorkplace();
  await smallCache("data");
  const { code, messages, written } = await runStopped(
    AbortSignal.abort(),
    "export",
    `--out=${out}`,
    "--json",
    "--quiet",
    ...flags,
  );
  expect([code, messages]).toEqual([
    130,
    [
      `error stopped on request: ${reason}\n  → ${nextStep}\n  More: npx bun run massive-backfill help interrupted`,
    ],
  ]);
  expect(JSON.parse(written)).toEqual({
    schemaVersion: 1,
    command: "export",
    error: { kind: "interrupted", operation: "stopped on request", reason, nextStep, help: "interrupted" },
  });
  expect(readdirSync(place.path)).toEqual(["data"]);
});
