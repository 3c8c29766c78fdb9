import { EXIT_CODES } from "./cli/exit-codes.ts";
import { runProgram } from "./cli/program.ts";
import { isReaderGone, processStreams } from "./cli/streams.ts";
import { processTerminal } from "./cli/terminal.ts";

const stop = new AbortController();
const streams = processStreams();
const terminal = processTerminal(streams);
let isOver = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    // Whoever asks twice, or asks when only output is left to be read, does not want to wait for a clean end.
    if (stop.signal.aborted || isOver) {
      terminal.drawing?.close();
      process.exit(EXIT_CODES.interrupted.code);
    }
    stop.abort();
  });
// Nobody gets the result any more: what still runs for it, such as the sandbox, ends.
void streams.outputFailed.then(() => stop.abort());

let code = await runProgram(process.argv.slice(2), {
  terminal,
  signal: stop.signal,
  clockMs: Date.now(),
});
isOver = true;
const failure = await streams.outputTaken();
// Somebody who reads only the beginning (`| head`) is no error.
if (failure !== null && !isReaderGone(failure)) {
  terminal.words.error(
    `write to stdout: ${failure.message}\n  → Send the output to a place that can take it, and run the same command again.`,
  );
  if (code === EXIT_CODES.ok.code) code = EXIT_CODES.days.code;
}
await streams.endWords();
// Open connections must not keep a finished program alive.
process.exit(code);
