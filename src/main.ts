import { runProgram } from "./cli/program.ts";
import { processTerminal } from "./cli/terminal.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for a clean end.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
// Somebody who reads only the beginning (`| head`) is no error.
process.stdout.on("error", () => process.exit(0));

const code = await runProgram(process.argv.slice(2), {
  terminal: processTerminal(),
  signal: stop.signal,
  clockMs: Date.now(),
});
// Open connections must not keep a finished program alive; what was written has to be out before.
process.stdout.write("", () => process.exit(code));
