// Builds the binary of this machine: dist/massive-backfill.
import { $ } from "bun";

// Threads are started by the address of their first file, as seen from the code that starts them. In the binary the
// shared parts of the program all lie in one folder; as deep as those of src, the same addresses hold.
const chunks = "chunks/[name]-[hash].[ext]";
const threads = ["src/workflows/day-worker.ts", "src/massive/md5-worker.ts"];

await $`bun build src/main.ts ${threads} --compile --minify --bytecode --format=esm --splitting --chunk-naming=${chunks} --no-compile-autoload-dotenv --no-compile-autoload-bunfig --outfile=dist/massive-backfill`;
