import { readFileSync } from "node:fs";

const SAMPLE_MS = 5;

/** Watches how much memory a process needs. */
export interface MemoryWatch {
  /** Ends the watch; the largest resident memory that was seen. */
  peakBytes(): number;
}

/**
 * Watches the resident memory of process `pid` until it ends. What the system reports after its end is of no use
 * here: on Linux it begins with the peak of the process that started it (getrusage(2): `ru_maxrss` outlives
 * execve), and the tests need a lot. `VmHWM`, the peak of the program itself, only grows, so that samples do.
 */
export function watchMemory(pid: number): MemoryWatch {
  let peakBytes = 0;
  const sample = () => {
    peakBytes = Math.max(peakBytes, process.platform === "linux" ? highWaterBytes(pid) : residentBytes(pid));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    peakBytes() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

function highWaterBytes(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

function residentBytes(pid: number): number {
  const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(pid)]);
  return Number(stdout.toString().trim()) * 1024;
}
