import { commandLine, environmentFor, isObject, type Outcome, type RunOptions } from "./binary.ts";
import { assertNoSecrets, secretsOf } from "./secrets.ts";

/** Root may do anything; without capabilities it is held to the modes of its files, as others are. Linux only. */
const WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
const LONGEST_RUN_MS = 50_000;

/** Runs the compiled program as one whom permissions of files hold back, also where the tests are run by root. */
export async function runAsOrdinaryUser(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const startedMs = performance.now();
  const prefix = process.getuid?.() === 0 ? WITHOUT_CAPABILITIES : [];
  const child = Bun.spawn([...prefix, ...commandLine(args)], {
    cwd: options.cwd,
    env: environmentFor(options),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: LONGEST_RUN_MS,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  assertNoSecrets(secretsOf(args, options), { stdout, stderr }, options.cwd);
  return {
    code,
    stdout,
    stderr,
    durationMs: performance.now() - startedMs,
    json: () => {
      const value: unknown = JSON.parse(stdout);
      if (!isObject(value)) throw new Error(`stdout is no JSON object:\n${stdout}`);
      return value;
    },
  };
}
