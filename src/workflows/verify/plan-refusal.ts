import { BackfillError } from "../../core/errors.ts";

const CODES: ReadonlySet<string> = new Set(["not-entitled", "not-entitled-date"]);

/** Whether the vendor has refused something because the subscription does not include it. */
export function isPlanRefusal(error: unknown): error is BackfillError {
  return error instanceof BackfillError && CODES.has(error.code ?? "");
}
