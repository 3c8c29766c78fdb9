import { expect } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "./bar-lines.ts";
import { expectExit, run, type Outcome } from "./binary.ts";
import { cachedBars } from "./cache-contents.ts";
import { tempDir, type TempDir } from "./temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "./truth.ts";

const TODAY = "2024-11-24";
/** The days that `HYBRID` asks for; all have flat files. */
export const RANGE = ["--from=2024-11-20", `--to=${TODAY}`, `--today=${TODAY}`];
export const DATES = sessionDates("SPX", "2024-11-20", TODAY);
/** The command that fills a folder, and that heals it. */
export const HYBRID = ["hybrid", "--symbols=SPX", ...RANGE];

/** A folder whose `data` a run has filled, to make copies of. */
export class FilledFolder implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly #original: TempDir;

  private constructor(sandbox: Sandbox, original: TempDir) {
    this.sandbox = sandbox;
    this.#original = original;
  }

  static async make(): Promise<FilledFolder> {
    const folder = new FilledFolder(await sandboxAt(TODAY), tempDir());
    expectExit(await run(HYBRID, { cwd: folder.#original.path, env: folder.env }), 0);
    return folder;
  }

  get env(): Readonly<Record<string, string>> {
    return this.sandbox.environment;
  }

  /** A new folder with the data in it. */
  copy(): TempDir {
    const dir = tempDir();
    this.copyTo(join(dir.path, "data"));
    return dir;
  }

  copyTo(dataDir: string): void {
    cpSync(join(this.#original.path, "data"), dataDir, { recursive: true });
  }

  /** The same command again ends well, and the cache holds the truth: no bar less, no bar more. */
  async expectHeals(cwd: string, dataDir = join(cwd, "data")): Promise<Outcome> {
    const outcome = await run([...HYBRID, `--data-dir=${dataDir}`], { cwd, env: this.env });
    expectExit(outcome, 0);
    this.expectWhole(dataDir);
    return outcome;
  }

  /** Nothing of what was there is lost; a test may have brought other symbols. */
  expectWhole(dataDir: string): void {
    const bars = cachedBars(dataDir).filter((line) => line.startsWith("SPX "));
    expect(differences(bars, truthOf(this.sandbox, "SPX", DATES))).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#original[Symbol.dispose]();
    await this.sandbox.stop();
  }
}

/** How a run ended: its code, its error and the next step; fails if it says nothing of the kind, or shows a stack. */
export function endOf({ code, stderr }: Outcome): [code: number | null, error: string, nextStep: string] {
  const [, error, nextStep] =
    /^\[error\] (.*)\n {2}→ (.*)\n {2}More: massive-backfill help \S+\n$/m.exec(stderr) ?? [];
  if (error === undefined || nextStep === undefined)
    throw new Error(`no error is told (${code}):\n${stderr}`);
  expect(stderr).not.toMatch(/^\s+at /m);
  return [code, error, nextStep];
}
