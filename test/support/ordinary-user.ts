import { run, type Outcome, type RunOptions } from "./binary.ts";

/** Root may do anything; without capabilities it is held to the modes of its files, as others are. Linux only. */
const WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];

/** Runs the compiled program as one whom permissions of files hold back, also where the tests are run by root. */
export async function runAsOrdinaryUser(args: readonly string[], options: RunOptions): Promise<Outcome> {
  return run(args, process.getuid?.() === 0 ? { ...options, starter: WITHOUT_CAPABILITIES } : options);
}
