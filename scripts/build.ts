// Builds the binary of this machine: dist/massive-backfill.
import { $ } from "bun";

await $`bun build src/main.ts --compile --minify --bytecode --format=esm --splitting --no-compile-autoload-dotenv --no-compile-autoload-bunfig --outfile=dist/massive-backfill`;
