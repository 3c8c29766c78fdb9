import { describe, expect, test } from "bun:test";
import { completionScript, SHELLS } from "../../../src/cli/completions/script.ts";
import { COMMANDS } from "../../../src/cli/registry.ts";
import { run } from "../run-program.ts";

const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));

describe.each([...SHELLS])("the script for %s", (shell) => {
  const script = completionScript(shell, commands);

  test("is what completions prints", async () => {
    expect(await run("completions", shell)).toEqual({ code: 0, written: script, messages: [] });
  });

  test("has every command and every flag", () => {
    for (const { name, flags } of commands) {
      expect(script).toContain(name);
      for (const flag of Object.keys(flags))
        expect(script).toMatch(new RegExp(String.raw`(?:--|-l )${flag}\b`));
    }
  });

  test("is understood by the shell, if it is on this machine", () => {
    const path = Bun.which(shell);
    if (path === null) return console.log(`      (there is no ${shell} here)`);
    const { exitCode, stderr } = Bun.spawnSync([path, "-n"], { stdin: Buffer.from(script) });
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });
});

describe("bash completes", () => {
  const script = completionScript("bash", commands);

  test.each<[readonly string[], readonly string[]]>([
    [["hy"], ["hybrid"]],
    [
      ["hybrid", "--da"],
      ["--dataset=", "--days=", "--database-url=", "--data-dir="],
    ],
    [
      ["hybrid", "--dataset", "="],
      ["indices", "stocks", "options", "crypto", "forex"],
    ],
    [["hybrid", "--dataset", "=", "st"], ["stocks"]],
    [["hybrid", "--dataset", "c"], ["crypto"]],
    [["hybrid", "--days", "=", ""], []],
    [["hybrid", "--json", "--q"], ["--quiet"]],
    [["schedule", "--kind", "=", "s"], ["systemd"]],
    [["completions", "z"], ["zsh"]],
    [["help", "s3"], ["s3-keys"]],
  ])("%j", (words, completions) => {
    const line = ["massive-backfill", ...words].map((word) => `'${word}'`).join(" ");
    const { stdout } = Bun.spawnSync(["bash", "--norc"], {
      stdin: Buffer.from(
        `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _massive_backfill; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ),
    });
    expect(stdout.toString().split("\n").filter(Boolean)).toEqual([...completions]);
  });
});

test("completions without a shell, or with one it does not know, says which there are", async () => {
  const nextStep = "→ Write one of bash, zsh, fish, such as: massive-backfill completions bash";
  for (const [argv, reason] of [
    [["completions"], "the shell is missing"],
    [["completions", "tcsh"], '"tcsh" is not a shell that it knows'],
  ] as const) {
    const { code, messages } = await run(...argv);
    expect([code, messages[0]?.split("\n").slice(0, 2)]).toEqual([
      2,
      [`error read the command line of completions: ${reason}`, `  ${nextStep}`],
    ]);
  }
  expect((await run("completions", "bash", "zsh")).code).toBe(2);
});
