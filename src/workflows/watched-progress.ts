import type { RunStep } from "../cache/runs.ts";
import type { Progress, Task, TaskStart } from "../core/progress.ts";

/**
 * Progress that is shown as before and told to `note` too, at most once in `everyMs`: the step that runs, how much of it
 * is done, and of how much. Parts of a step are not told.
 */
export function watchedProgress(
  progress: Progress,
  note: (step: RunStep) => void,
  everyMs: number,
): Progress {
  let lastNoteMs = Number.NEGATIVE_INFINITY;
  const tell = (step: RunStep) => {
    const nowMs = performance.now();
    if (nowMs - lastNoteMs < everyMs) return;
    lastNoteMs = nowMs;
    note(step);
  };
  return {
    info: (message) => progress.info(message),
    warn: (message) => progress.warn(message),
    detail: (message) => progress.detail(message),
    task(start) {
      const task = progress.task(start);
      return start.parent === undefined ? watchedTask(task, start, tell) : task;
    },
  };
}

function watchedTask(task: Task, { label, total, unit }: TaskStart, tell: (step: RunStep) => void): Task {
  let done = 0;
  const add = (amount: number) => {
    done += amount;
    tell({ step: label, stepUnit: unit, stepDone: done, stepTotal: total ?? null });
  };
  return {
    advance(amount) {
      task.advance(amount);
      add(amount);
    },
    resume(amount) {
      task.resume(amount);
      add(amount);
    },
    done: (summary) => task.done(summary),
    failed: () => task.failed(),
  };
}
