import { smallDisk } from "./small-disk.ts";

interface LockableDisk extends Disposable {
  readonly path: string;
  /** From now on nobody can write to it, root neither. */
  lock(): void;
  unlock(): void;
}

/** A disk on `path` that can be made read-only. Needs Linux and root, as CI has. */
export function lockableDisk(path: string): LockableDisk {
  const disk = smallDisk(path, 100_000_000);
  const remount = (how: "ro" | "rw") => {
    const { exitCode, stderr } = Bun.spawnSync(["mount", "-o", `remount,${how}`, path]);
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  return {
    path,
    lock: () => remount("ro"),
    unlock: () => remount("rw"),
    [Symbol.dispose]: () => disk[Symbol.dispose](),
  };
}
