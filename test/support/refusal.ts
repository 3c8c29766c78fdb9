import { expect } from "bun:test";
import { join } from "node:path";
import { HELP_TOPICS, type HelpTopic } from "../../src/core/help-topics.ts";
import { expectExit, run } from "./binary.ts";
import { contentsOf } from "./folder.ts";

/** What a user is told, and the exit code. */
export interface Told {
  readonly code: number;
  readonly kind: string;
  readonly operation: string;
  readonly reason: string;
  readonly nextStep: string;
  /** The page of help that it names; default any that there is. */
  readonly help?: HelpTopic;
}

/** Runs a command twice, as text and as JSON; both have to tell the same error and leave all as it was. */
export async function expectRefusal(
  cwd: string,
  args: readonly string[],
  env: Record<string, string>,
  { code, help, ...told }: Told,
): Promise<void> {
  const before = contentsOf(join(cwd, "data"));
  const text = await run(args, { cwd, env });
  expectExit(text, code);
  expect(text.stdout).toBe("");
  const error = /\[error\] (.*)\n {2}→ (.*)\n {2}More: massive-backfill help (\S+)\n$/.exec(text.stderr);
  expect([error?.[1], error?.[2]]).toEqual([`${told.operation}: ${told.reason}`, told.nextStep]);
  const page = HELP_TOPICS.find((topic) => topic === error?.[3]);
  expect(page).toEqual(help ?? expect.any(String));
  expect(text.stderr).not.toMatch(/^\s+at /m);

  const json = await run([...args, "--json"], { cwd, env });
  expectExit(json, code);
  expect(json.json()).toEqual({ schemaVersion: 1, command: args[0], error: { ...told, help: page } });
  expect(contentsOf(join(cwd, "data"))).toEqual(before);
}
