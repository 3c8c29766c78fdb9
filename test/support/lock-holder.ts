import { join } from "node:path";

const LOCK_MODULE = join(import.meta.dir, "../../src/cache/lock.ts");

export interface LockHolder extends AsyncDisposable {
  readonly pid: number;
  /** What the other process said: `held`, or the reason why it has no lock. */
  readonly said: string;
  /** Ends the other process as a crash would, without a chance to clean up. */
  kill(): Promise<void>;
}

/**
 * Starts another process that takes the lock of `dataDir`, lets go of what it got and collects its garbage, and
 * then stays until it is killed.
 */
export async function holdLock(dataDir: string, command: string): Promise<LockHolder> {
  const script = `
    import { takeLock } from ${JSON.stringify(LOCK_MODULE)};
    try {
      (() => takeLock(${JSON.stringify(dataDir)}, ${JSON.stringify(command)}))();
      for (let turn = 0; turn < 3; turn++) {
        Bun.gc(true);
        await null;
      }
      console.log("held");
    } catch (error) {
      console.log(error.reason ?? error);
    }
    process.stdin.resume();`;
  const child = Bun.spawn([process.execPath, "-e", script], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  return {
    pid: child.pid,
    said: new TextDecoder().decode(value).trim(),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
