/** stdout and stderr of this process, watched: what is written is out before the program ends. */
export interface ProcessStreams {
  /** Writes to stdout. */
  write(text: string): void;
  /** Resolves, with why, when stdout takes no more; never if it goes on taking. */
  readonly outputFailed: Promise<Error>;
  /** Resolves when stdout has taken all that was written to it: with null, or with why it could not. */
  outputTaken(): Promise<Error | null>;
  /** Ends stderr; resolves when all that was written to it is out or cannot get out. */
  endWords(): Promise<void>;
}

/** Begins to watch the streams of this process. */
export function processStreams(): ProcessStreams {
  const { stdout, stderr } = process;
  const output = Promise.withResolvers<Error>();
  const wordsFailed = Promise.withResolvers<void>();
  let lastWrite = Promise.resolve();
  stdout.on("error", output.resolve);
  // Words that nobody hears are no reason to end the work, and there is nobody left to tell.
  stderr.on("error", () => wordsFailed.resolve());
  return {
    write(text) {
      const taken = Promise.withResolvers<void>();
      lastWrite = taken.promise;
      stdout.write(text, (error) => {
        if (error instanceof Error) output.resolve(error);
        taken.resolve();
      });
    },
    outputFailed: output.promise,
    // The runtime calls nothing back for what is written after a failure, hence the races.
    outputTaken: () => Promise.race([output.promise, lastWrite.then(() => null)]),
    endWords: () =>
      Promise.race([wordsFailed.promise, new Promise<void>((resolve) => stderr.end(() => resolve()))]),
  };
}

/** Whether a stream failed because its reader has gone, as `head` does when it has seen enough. */
export function isReaderGone(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}
