import { BackfillError } from "../../src/core/errors.ts";

/** The explained error that `work` throws; fails the test if it throws none or another kind of thing. */
export function thrownBy(work: () => unknown): BackfillError {
  try {
    work();
  } catch (error) {
    if (error instanceof BackfillError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The explained error that `promise` rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<BackfillError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof BackfillError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** What a user is told by an error, to compare as a whole. */
export function wordsOf({ kind, operation, reason, nextStep }: BackfillError) {
  return { kind, operation, reason, nextStep };
}
