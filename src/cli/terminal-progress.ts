import { MultiBar, type SingleBar } from "cli-progress";
import type { Task, TaskStart } from "../core/progress.ts";
import { formatAmount, type ProgressDisplay } from "./plain-progress.ts";
import type { Terminal } from "./terminal.ts";
import { formatDuration } from "./format.ts";

const BAR_COLUMNS = 24;

/**
 * Progress on a terminal: one bar for each step under way, with rate and time left. Finished parts vanish, so
 * that what stays on the screen is the whole and what is being done.
 */
export function terminalProgress({ words }: Terminal): ProgressDisplay {
  const bars = new MultiBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
    fps: 8,
    format: (options, { value, total, startTime }, payload: BarPayload) =>
      barLine(value, total, Date.now() - startTime, options.barsize ?? BAR_COLUMNS, payload),
    barsize: BAR_COLUMNS,
  });
  let active = 0;
  // Words between two redraws would be painted over; above the bars they stay.
  const say = (print: () => void, line: string) => (active > 0 ? bars.log(`${line}\n`) : print());
  return {
    info: (message) => say(() => words.info(message), message),
    warn: (message) => say(() => words.warn(message), `! ${message}`),
    detail: (message) => words.level >= 4 && say(() => words.debug(message), message),
    task(start) {
      active++;
      const bar = bars.create(start.total ?? 0, 0, { label: start.label, unit: start.unit });
      return barTask(bar, () => {
        active--;
        bars.remove(bar);
      });
    },
    close: () => bars.stop(),
  };
}

interface BarPayload {
  readonly label: string;
  readonly unit: TaskStart["unit"];
}

function barTask(bar: SingleBar, end: () => void): Task {
  return {
    advance: (amount) => bar.increment(amount),
    done: end,
    failed: end,
  };
}

/** One bar as text: `download  ██████░░░░  45%  12.0 MB of 26.7 MB  3.1 MB/s  5 s left`. */
export function barLine(
  value: number,
  total: number,
  elapsedMs: number,
  columns: number,
  { label, unit }: BarPayload,
): string {
  const share = total > 0 ? Math.min(1, value / total) : 0;
  const filled = Math.round(share * columns);
  const rate = elapsedMs > 0 ? (value / elapsedMs) * 1000 : 0;
  const left = rate > 0 && total > value ? `${formatDuration(((total - value) / rate) * 1000)} left` : "";
  const parts = [
    label.padEnd(28),
    "█".repeat(filled) + "░".repeat(columns - filled),
    `${Math.floor(share * 100)}%`.padStart(4),
    `${formatAmount(value, unit)} of ${formatAmount(total, unit)}`,
    `${formatAmount(rate, unit)}/s`,
    left,
  ];
  return parts.join("  ").trimEnd();
}
