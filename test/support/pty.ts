import { commandLine, environmentFor, type RunOptions } from "./binary.ts";
import { assertNoSecrets, secretsOf } from "./secrets.ts";
import type { ScreenSize } from "./screen.ts";

/** What a run on a terminal left behind. */
export interface TerminalOutcome {
  readonly code: number | null;
  /** Everything that was written to the terminal, escape codes included. */
  readonly screen: string;
}

/** A run on a terminal that is under way. */
export interface TerminalRun {
  /** Types text, such as Ctrl-C as U+0003. */
  type(text: string): void;
  /** Resolves as soon as the screen has shown `text`. */
  shown(text: string): Promise<void>;
  readonly ended: Promise<TerminalOutcome>;
}

const WIDE: ScreenSize = { columns: 120, rows: 40 };

/** Starts the compiled program on a pseudo-terminal of its own. */
export function startOnTerminal(
  args: readonly string[],
  options: RunOptions,
  { columns, rows } = WIDE,
): TerminalRun {
  let screen = "";
  const waiting = new Set<() => void>();
  const decoder = new TextDecoder();
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const child = Bun.spawn(commandLine(args), {
    cwd: options.cwd,
    env: { ...environmentFor(options), TERM: "xterm-256color" },
    timeout: 30_000,
    killSignal: "SIGKILL",
    terminal: {
      cols: columns,
      rows,
      data(_, bytes) {
        screen += decoder.decode(bytes, { stream: true });
        wake();
      },
    },
  });
  let isOver = false;
  const finish = async (): Promise<TerminalOutcome> => {
    await child.exited;
    isOver = true;
    wake();
    child.terminal?.close();
    assertNoSecrets(secretsOf(args, options), { stdout: screen, stderr: "" }, options.cwd);
    return { code: child.signalCode === null ? child.exitCode : null, screen };
  };
  return {
    type: (text) => void child.terminal?.write(text),
    async shown(text) {
      while (!screen.includes(text)) {
        if (isOver) throw new Error(`it ended without showing "${text}", but:\n${screen}`);
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    ended: finish(),
  };
}
