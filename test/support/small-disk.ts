import { mkdirSync } from "node:fs";

interface SmallDisk extends Disposable {
  readonly path: string;
}

/** A disk of that size, in memory, mounted on `path` until the end of the block. Needs Linux and root, as CI has. */
export function smallDisk(path: string, sizeBytes: number): SmallDisk {
  mkdirSync(path, { recursive: true });
  call("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", path);
  return { path, [Symbol.dispose]: () => call("umount", "-l", path) };
}

function call(...command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}
