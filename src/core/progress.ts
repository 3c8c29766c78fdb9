/**
 * Progress as plain values: workflows report, the command line decides how it looks (bars on a terminal, plain
 * lines off it, nothing with --quiet).
 */
export interface Progress {
  /** A sentence for the user about something that happened. */
  info(message: string): void;
  /** Something that the user should know and that does not stop the run. */
  warn(message: string): void;
  /** A detail that only --verbose shows. */
  detail(message: string): void;
  /** Begins a step that has a size, such as one download. */
  task(task: TaskStart): Task;
}

export interface TaskStart {
  /** What is done, in a few words: `download indices 2024-11-22`. */
  readonly label: string;
  /** Size of the work in `unit`s; undefined if it is not known. */
  readonly total?: number;
  readonly unit: "bytes" | "files" | "bars" | "minutes" | "requests";
  /** The task that this one is a part of, whose bar is drawn below it. */
  readonly parent?: Task;
}

export interface Task {
  /** Adds `amount` units to what is done. */
  advance(amount: number): void;
  /** Adds `amount` units that an earlier run has done: they count as done, and not for the rate. */
  resume(amount: number): void;
  /** Ends the task; `summary` is the plain line that is printed off a terminal. */
  done(summary?: string): void;
  /** Ends the task without success; the caller reports why. */
  failed(): void;
}

/** Reports nothing: for tests and for --quiet. */
export const silentProgress: Progress = {
  info() {},
  warn() {},
  detail() {},
  task: () => ({ advance() {}, resume() {}, done() {}, failed() {} }),
};
