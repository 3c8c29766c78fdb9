import type { Progress, Task, TaskStart } from "../core/progress.ts";
import { formatBytes, formatDuration, plural } from "../core/format.ts";
import type { Terminal } from "./terminal.ts";

/** Progress that has to be ended, so that a terminal is left as it was. */
export interface ProgressDisplay extends Progress {
  close(): void;
}

/** Progress off a terminal: one plain line for each finished step. */
export function plainProgress({ words }: Terminal): ProgressDisplay {
  return {
    info: (message) => words.info(message),
    warn: (message) => words.warn(message),
    detail: (message) => words.debug(message),
    task: (start) => plainTask(start, (line) => words.info(line)),
    close() {},
  };
}

function plainTask(start: TaskStart, print: (line: string) => void): Task {
  const startedMs = performance.now();
  let amount = 0;
  let resumed = 0;
  return {
    advance(more) {
      amount += more;
    },
    resume(more) {
      resumed += more;
    },
    done(summary) {
      const earlier = resumed > 0 ? `, ${formatAmount(resumed, start.unit)} from an earlier run` : "";
      print(summary ?? `${finishedLine(start, amount, performance.now() - startedMs)}${earlier}`);
    },
    failed() {},
  };
}

/** What a finished step came to: `download indices 2024-11-22: 1.2 MB in 0.4 s (3.1 MB/s)`. */
export function finishedLine(start: TaskStart, amount: number, durationMs: number): string {
  const rate = (amount / Math.max(durationMs, 1)) * 1000;
  return `${start.label}: ${formatAmount(amount, start.unit)} in ${formatDuration(durationMs)} (${formatAmount(rate, start.unit)}/s)`;
}

/** An amount with its unit: `1.2 MB`, `49,140 bars`. */
export function formatAmount(amount: number, unit: TaskStart["unit"]): string {
  return unit === "bytes" ? formatBytes(Math.round(amount)) : plural(amount, unit.slice(0, -1));
}
