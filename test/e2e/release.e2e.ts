import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { filesOf } from "../support/folder.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

setDefaultTimeout(120_000);

/** What the first bytes of a program say about the machine it is for: format, offset and value of the processor. */
const MACHINES = {
  // https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: e_machine, EM_X86_64 and EM_AARCH64.
  "massive-backfill-linux-x64": { magic: "7f454c46", at: 18, processor: 62 },
  "massive-backfill-linux-arm64": { magic: "7f454c46", at: 18, processor: 183 },
  // mach/machine.h: the low half of CPU_TYPE_ARM64 and CPU_TYPE_X86_64.
  "massive-backfill-darwin-arm64": { magic: "cffaedfe", at: 4, processor: 12 },
  "massive-backfill-darwin-x64": { magic: "cffaedfe", at: 4, processor: 7 },
  // https://learn.microsoft.com/windows/win32/debug/pe-format: IMAGE_FILE_MACHINE_AMD64 after the PE signature.
  "massive-backfill-windows-x64.exe": { magic: "4d5a", at: "pe", processor: 0x8664 },
} as const;
const NAMES = Object.keys(MACHINES);
const ROOT = join(import.meta.dir, "../..");
const host = process.platform === "win32" ? "massive-backfill.exe" : "massive-backfill";
let dist: TempDir;

beforeAll(async () => {
  dist = tempDir();
  const build = Bun.spawn([process.execPath, "scripts/build.ts", `--out=${dist.path}`], {
    cwd: ROOT,
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(build.stderr).text();
  if ((await build.exited) !== 0) throw new Error(said);
});
afterAll(() => dist[Symbol.dispose]());

describe("bun run build", () => {
  test("makes a binary for each platform, the one of this machine, the manual page and checksums", () => {
    expect(readdirSync(dist.path).toSorted()).toEqual(
      ["SHA256SUMS", "massive-backfill.1", host, ...NAMES].toSorted(),
    );
  });

  test.each(Object.entries(MACHINES))("makes %s for its machine", async (name, { magic, at, processor }) => {
    const head = Buffer.from(await Bun.file(join(dist.path, name)).slice(0, 1024).arrayBuffer());
    expect(head.subarray(0, magic.length / 2).toString("hex")).toBe(magic);
    const offset = at === "pe" ? head.readUInt32LE(60) + 4 : at;
    expect(head.readUInt16LE(offset)).toBe(processor);
  });

  test("has checksums that are right, in the form that sha256sum checks", () => {
    const lines = readFileSync(join(dist.path, "SHA256SUMS"), "utf8").trimEnd().split("\n");
    expect(lines).toEqual(
      [...NAMES, "massive-backfill.1"].map((name) => {
        const bytes = readFileSync(join(dist.path, name));
        return `${Bun.SHA256.hash(bytes, "hex")}  ${name}`;
      }),
    );
  });
});

/** Runs a copy that has nothing beside it, with nothing in the environment. */
async function runAlone(dir: TempDir, ...args: readonly string[]) {
  const child = Bun.spawn([join(dir.path, host), ...args], {
    cwd: dir.path,
    env: { HOME: dir.path },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

describe("the binary alone, in an empty folder", () => {
  test("says its version, shows its help, and does the demo", async () => {
    using dir = tempDir();
    copyFileSync(join(dist.path, host), join(dir.path, host));
    const version = await runAlone(dir, "--version");
    expect(version).toMatchObject({ code: 0, stderr: "" });
    expect(version.stdout).toStartWith(`${packageJson.version} (`);
    const help = await runAlone(dir, "--help");
    expect(help.stdout).toContain("FIRST STEPS");
    const demo = await runAlone(dir, "demo");
    expect({ code: demo.code, complete: demo.stdout.includes("HYBRID BACKFILL COMPLETE") }).toEqual({
      code: 0,
      complete: true,
    });
    expect(Object.keys(filesOf(dir.path))).toContain("data/demo/massive.sqlite");
  });
});
