// Runs the end-to-end tests with the linux-arm64 binary under qemu's user mode, where that is found with the libraries of
// arm64 (on Debian: qemu-user-static and libc6-arm64-cross). Without arguments the main ones, which takes minutes;
// `--all` all of them; or the files that are named. Needs dist/massive-backfill-linux-arm64 (`bun run build`).
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = resolve("dist/massive-backfill-linux-arm64");
const LIBRARIES = process.env["QEMU_LD_PREFIX"] ?? "/usr/aarch64-linux-gnu";
const MAIN = ["main-job", "parse", "help"].map((name) => `./test/e2e/${name}.e2e.ts`);

async function testsUnder(qemu: string, files: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "massive-backfill-arm64-"));
  try {
    // Tests start a program by one path.
    const program = join(folder, "massive-backfill");
    await Bun.write(program, `#!/bin/sh\nexec '${qemu}' -L '${LIBRARIES}' '${BINARY}' "$@"\n`);
    await chmod(program, 0o755);
    const tests = Bun.spawn([process.execPath, "test", "--parallel", ...files], {
      env: { ...process.env, MASSIVE_BACKFILL_BINARY: program },
      stdio: ["ignore", "inherit", "inherit"],
    });
    return await tests.exited;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function filesNamed(args: readonly string[]): string[] {
  if (args.length === 0) return MAIN;
  return args.includes("--all") ? [...new Bun.Glob("./test/e2e/*.e2e.ts").scanSync()] : [...args];
}

const qemu = Bun.which("qemu-aarch64-static") ?? Bun.which("qemu-aarch64");
if (qemu === null || !existsSync(LIBRARIES))
  console.log("linux-arm64 is not tested: there is no qemu-user with arm64's libraries on this machine");
else process.exitCode = await testsUnder(qemu, filesNamed(process.argv.slice(2)));
