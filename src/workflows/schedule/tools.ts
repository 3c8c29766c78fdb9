import { BackfillError } from "../../core/errors.ts";

const LONGEST_MS = 30_000;

/** What a program of the machine came to. */
export interface ToolResult {
  /** Null if it was ended because it took too long. */
  readonly code: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** Whether there is a program of that name on PATH. */
export function hasTool(name: string): boolean {
  return Bun.which(name) !== null;
}

/** Runs a program of PATH, with `input` as its stdin; ended if it takes too long. */
export async function runTool(argv: readonly string[], input?: Uint8Array): Promise<ToolResult> {
  const child = Bun.spawn([...argv], {
    stdin: input ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code: child.signalCode === null ? child.exitCode : null, stdout, stderr: stderr.trim() };
}

/** Runs a program that has to succeed. Throws BackfillError (settings) with what it said if it does not. */
export async function mustRun(argv: readonly string[], nextStep: string, input?: Uint8Array): Promise<void> {
  const { code, stderr } = await runTool(argv, input);
  if (code === 0) return;
  throw new BackfillError({
    kind: "settings",
    operation: `run ${argv.join(" ")}`,
    reason: toolReason({ code, stderr }),
    nextStep,
  });
}

/** Why a program did not succeed, in its own words if it had any. */
export function toolReason({ code, stderr }: Pick<ToolResult, "code" | "stderr">): string {
  if (code === null) return "it did not end";
  return stderr === "" ? `it ended with exit code ${code}` : stderr;
}
