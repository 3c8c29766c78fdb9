import { explanationOf } from "../../cache/explanations.ts";
import { BackfillError } from "../../core/errors.ts";

/** What was to be done, and with what: `write` and a path. */
type FileOperation = "write" | "read" | "remove" | "make the folder";

/**
 * An error of the file system in words; any other as it is. `path` is what the user asked for: a file is written under
 * another name first, which tells nobody anything.
 */
export function fileError(error: unknown, operation: FileOperation, path: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const code = String(error.code);
  const known = explanationOf(code, path);
  return new BackfillError({
    kind: "cache",
    help: "disk",
    operation: `${operation} ${path}`,
    reason: `${known === null ? systemWords(error, code) : reasonOf(code, operation, known.reason)} (${code})`,
    nextStep: known?.isFull === true ? known.nextStep : nextStepOf(code),
    cause: error,
  });
}

/** Whether an error says that there is no such file, nor perhaps the folder it would be in. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^ENO(ENT|TDIR)$/.test(String(error.code));
}

/** `EBUSY: resource busy or locked, open '/a/.b.partial'` without code and path. */
function systemWords(error: Error, code: string): string {
  return error.message.replace(`${code}: `, "").replace(/, \w+( '.*)?$/s, "");
}

function reasonOf(code: string, operation: FileOperation, reason: string): string {
  return code === "ENOENT" && operation === "write" ? "no file can be made there" : reason;
}

function nextStepOf(code: string): string {
  return code === "EACCES" || code === "EPERM"
    ? "Give yourself permission to read and write there, or choose another --out."
    : "Check the path, or choose another --out.";
}
