import { expect, test } from "bun:test";
import type { RunStep } from "../../src/cache/runs.ts";
import { silentProgress } from "../../src/core/progress.ts";
import { watchedProgress } from "../../src/workflows/watched-progress.ts";

test("each step is told with how much of it is done, its parts are not", () => {
  const told: RunStep[] = [];
  const progress = watchedProgress(silentProgress, (step) => told.push(step), 0);
  const all = progress.task({ label: "read files", total: 3, unit: "files" });
  all.resume(1);
  progress.task({ label: "download 2024-11-22", total: 9, unit: "bytes", parent: all }).advance(9);
  all.advance(1);
  progress.task({ label: "make bars", unit: "bars" }).advance(390);
  expect(told).toEqual([
    { step: "read files", stepUnit: "files", stepDone: 1, stepTotal: 3 },
    { step: "read files", stepUnit: "files", stepDone: 2, stepTotal: 3 },
    { step: "make bars", stepUnit: "bars", stepDone: 390, stepTotal: null },
  ]);
});

test("it is told at most once in the time that is given", () => {
  const told: RunStep[] = [];
  const task = watchedProgress(silentProgress, (step) => told.push(step), 3_600_000).task({
    label: "read files",
    total: 9,
    unit: "files",
  });
  for (let file = 0; file < 9; file++) task.advance(1);
  expect(told).toHaveLength(1);
});

test("what is shown is shown as before", () => {
  const shown: string[] = [];
  const note = (name: string) => (value: unknown) => void shown.push(`${name} ${String(value)}`);
  const progress = watchedProgress(
    {
      info: note("info"),
      warn: note("warn"),
      detail: note("detail"),
      task: () => ({
        advance: note("advance"),
        resume: note("resume"),
        done: note("done"),
        failed: () => note("failed")("-"),
      }),
    },
    () => undefined,
    0,
  );
  progress.info("a");
  progress.warn("b");
  progress.detail("c");
  const task = progress.task({ label: "x", unit: "files" });
  task.resume(1);
  task.advance(2);
  task.done("d");
  task.failed();
  expect(shown).toEqual(["info a", "warn b", "detail c", "resume 1", "advance 2", "done d", "failed -"]);
});
