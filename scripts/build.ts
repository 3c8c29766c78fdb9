// Builds the binaries: `bun run build` those of every platform with their checksums and the man page, in dist/;
// `bun run build --host` that of this machine alone, as dist/massive-backfill; `--out=DIR` elsewhere.
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import packageJson from "../package.json" with { type: "json" };
import { manPage } from "../src/cli/help/man-page.ts";
import { COMMANDS } from "../src/cli/registry.ts";

const { values } = parseArgs({
  options: { host: { type: "boolean", default: false }, out: { type: "string", default: "dist" } },
});
const DIST = values.out;
const NAME = "massive-backfill";
const MAN_PAGE = `${NAME}.1`;
const CHECKSUMS = "SHA256SUMS";
const TARGETS = ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "windows-x64"];

// Threads are started by the address of their first file, as seen from the code that starts them. In the binary the
// shared parts of the program all lie in one folder; as deep as those of src, the same addresses hold.
const CHUNKS = "chunks/[name]-[hash].[ext]";
const THREADS = ["src/workflows/day-worker.ts", "src/massive/md5-worker.ts"];

const host = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
const suffixOf = (target: string) => (target.startsWith("windows") ? ".exe" : "");

/** The commit that is built; with a mark if files of it were changed since. */
async function commitText(): Promise<string> {
  const { exitCode, stdout } = await $`git rev-parse --short=10 HEAD`.quiet().nothrow();
  // An archive of the source has no history.
  if (exitCode !== 0) return "unknown commit";
  const changes = await $`git status --porcelain`.quiet().nothrow().text();
  return `${stdout.toString().trim()}${changes.trim() === "" ? "" : " with changes"}`;
}

async function build(target: string, commit: string, outfile: string): Promise<void> {
  const defines = [
    `--define=BUILD_COMMIT=${JSON.stringify(commit)}`,
    `--define=BUILD_TARGET=${JSON.stringify(target)}`,
  ];
  // For this machine the bun that is running is built in; that of any other is fetched from the npm registry once.
  const platform = target === host ? [] : [`--target=bun-${target}`];
  await $`bun build src/main.ts ${THREADS} --compile ${platform} --minify --bytecode --format=esm --splitting --chunk-naming=${CHUNKS} --no-compile-autoload-dotenv --no-compile-autoload-bunfig ${defines} --outfile=${outfile}`;
}

/** Lines as `sha256sum --check` reads them. */
async function checksums(names: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const name of names) {
    const hash = new Bun.CryptoHasher("sha256");
    for await (const chunk of Bun.file(join(DIST, name)).stream()) hash.update(chunk);
    lines.push(`${hash.digest("hex")}  ${name}\n`);
  }
  return lines.join("");
}

await mkdir(DIST, { recursive: true });
const commit = await commitText();
const hostBinary = `${NAME}${suffixOf(host)}`;
await build(host, commit, join(DIST, hostBinary));
if (!values.host) {
  const names: string[] = [];
  for (const target of TARGETS) {
    const name = `${NAME}-${target}${suffixOf(target)}`;
    if (target === host) await copyFile(join(DIST, hostBinary), join(DIST, name));
    else await build(target, commit, join(DIST, name));
    names.push(name);
  }
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  await Bun.write(join(DIST, MAN_PAGE), manPage(commands, packageJson.version));
  await Bun.write(join(DIST, CHECKSUMS), await checksums([...names, MAN_PAGE]));
}
