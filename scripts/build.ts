// Builds the binary of this machine: dist/massive-backfill.
import { $ } from "bun";

// Threads are started by the address of their file beside the code that starts them. In the binary the shared parts of
// the program lie in one folder next to those of the threads, so that `../massive/md5-worker.ts` leads there as in src.
const chunks = "workflows/[name]-[hash].[ext]";

await $`bun build src/main.ts src/massive/md5-worker.ts --compile --minify --bytecode --format=esm --splitting --chunk-naming=${chunks} --no-compile-autoload-dotenv --no-compile-autoload-bunfig --outfile=dist/massive-backfill`;
