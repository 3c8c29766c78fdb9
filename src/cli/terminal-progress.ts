import { MultiBar, type SingleBar } from "cli-progress";
import { silentProgress, type TaskStart } from "../core/progress.ts";
import { barLine } from "./bar-line.ts";
import type { ProgressDisplay } from "./plain-progress.ts";
import type { Terminal } from "./terminal.ts";

/** What a bar is drawn from besides its numbers. */
type DrawnStep = TaskStart & { resumed: number };

/** Erases from the cursor to the end of the screen. */
const ERASE_BELOW = "\u001B[J";

/** More bars tell nobody more, and bars that do not fit the screen cannot be redrawn in place. */
const MAX_BARS = 12;
/** Rows that stay free of bars, for words between them. */
const FREE_ROWS = 4;

/**
 * Progress on a terminal: one bar for each step under way, with rate and time left. Finished parts vanish, so
 * that what stays on the screen is the whole and what is being done. The terminal closes it before it writes
 * anything else.
 */
export function terminalProgress(terminal: Terminal): ProgressDisplay {
  const { words } = terminal;
  const bars = new MultiBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // Bars fit the screen by themselves; a warning may need more than one line.
    linewrap: true,
    // A bar that has moved to another line is drawn again, though its text is the same.
    forceRedraw: true,
    // The program listens to signals itself.
    gracefulExit: false,
    fps: 8,
    format: (_, { value, total, startTime, maxWidth }, step: DrawnStep) =>
      barLine(step, { value, total, elapsedMs: Date.now() - startTime, resumed: step.resumed }, maxWidth),
  });
  const drawn = new Set<SingleBar>();
  const erase = (bar: SingleBar) => {
    if (!drawn.delete(bar)) return;
    bars.remove(bar);
    if (drawn.size === 0) bars.stop();
  };
  const close = () => {
    for (const bar of drawn) erase(bar);
  };
  const say = (print: () => void, line: string) => {
    if (drawn.size === 0) return print();
    // Words on the lines of the bars would be painted over; above the bars they stay.
    bars.log(`${ERASE_BELOW}${line}\n`);
    bars.update();
  };
  terminal.drawing = { close };
  return {
    info: (message) => say(() => words.info(message), message),
    warn: (message) => say(() => words.warn(message), `! ${message}`),
    detail: (message) => words.level >= 4 && say(() => words.debug(message), message),
    task(start) {
      // A part without a bar still counts in that of the whole.
      const room = Math.min(MAX_BARS, (process.stderr.rows || 24) - FREE_ROWS);
      if (start.parent !== undefined && drawn.size >= room) return silentProgress.task(start);
      const step: DrawnStep = { ...start, resumed: 0 };
      const bar = bars.create(start.total ?? 0, 0, step);
      drawn.add(bar);
      const end = () => erase(bar);
      return {
        advance: (amount) => bar.increment(amount),
        resume(amount) {
          step.resumed += amount;
          bar.increment(amount);
        },
        done: end,
        failed: end,
      };
    },
    close,
  };
}
