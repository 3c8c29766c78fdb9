import { BackfillError, type ErrorParts } from "../core/errors.ts";
import type { ReadSummary } from "./read-day.ts";

/** What the reader of a day tells the thread that writes its bars. */
export type DayMessage =
  /** Blocks one after the other: a ticker each, how many bars it has, and all bars packed. */
  | {
      readonly kind: "blocks";
      readonly tickers: readonly string[];
      readonly counts: readonly number[];
      readonly values: Float64Array<ArrayBuffer>;
    }
  | { readonly kind: "done"; readonly summary: ReadSummary }
  | { readonly kind: "failed"; readonly error: SentError };

/** What that thread tells the reader: a message was taken, or nothing more is wanted. */
export type ReaderOrder = "taken" | "stop";

/** An error as plain values: classes do not travel between threads. */
export type SentError =
  | { readonly expected: Omit<ErrorParts, "cause"> }
  | { readonly message: string; readonly stack: string };

/** `error` in a form that can be sent. */
export function sendableError(error: unknown): SentError {
  if (error instanceof BackfillError) {
    const { kind, operation, reason, nextStep, code } = error;
    return { expected: { kind, operation, reason, nextStep, ...(code !== undefined && { code }) } };
  }
  const known = error instanceof Error ? error : new Error(String(error));
  return { message: known.message, stack: known.stack ?? "" };
}

/** The error that was sent. */
export function receivedError(sent: SentError): Error {
  if ("expected" in sent) return new BackfillError(sent.expected);
  return Object.assign(new Error(sent.message), { stack: sent.stack });
}
