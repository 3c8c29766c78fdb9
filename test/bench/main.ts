// Measures the compiled program against named peers on this machine: bun run bench [CASE…] [--runs=N] [--json=FILE]
// [--save] [--smoke]. Results go to stdout, what is under way to stderr.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { casesNamed } from "./cases/all.ts";
import { commandOf, readOptions, type BenchOptions } from "./options.ts";
import { caseText } from "./report/text.ts";
import { buildBinaries } from "./support/binaries.ts";
import type { Bench, BenchCase } from "./support/case.ts";
import { notRun } from "./support/case.ts";
import { DayFiles } from "./support/day-files.ts";
import { thisMachine } from "./support/machine.ts";
import type { CaseResult, Results } from "./support/results.ts";
import { FULL_SCALE, SMOKE_SCALE } from "./support/scale.ts";
import { workDir } from "./support/work-dir.ts";

const CACHE = join(import.meta.dir, "..", "..", "node_modules", ".cache", "massive-backfill-bench");
const KEPT_RESULTS = join(import.meta.dir, "results.json");

const failures: string[] = [];
try {
  const options = readOptions(process.argv.slice(2));
  const cases = casesNamed(options.names);
  const results: Results = {
    date: new Date().toISOString().slice(0, "YYYY-MM-DD".length),
    command: commandOf(options),
    machine: thisMachine(),
    cases: await runAll(cases, options),
  };
  const text = `${JSON.stringify(results, null, 2)}\n`;
  if (options.json !== null) await Bun.write(options.json, text);
  if (options.save && failures.length === 0) await Bun.write(KEPT_RESULTS, text);
} catch (error) {
  failures.push(errorText(error));
}
for (const failure of failures) process.stderr.write(`bench: ${failure}\n`);
// What ends the database at the end of the program would make any exit code a 0.
process.exit(failures.length > 0 ? 1 : 0);

async function runAll(cases: readonly BenchCase[], options: BenchOptions): Promise<CaseResult[]> {
  mkdirSync(CACHE, { recursive: true });
  using work = workDir(CACHE);
  say("building");
  const cacheFolder = options.smoke ? work.path : CACHE;
  const bench: Bench = {
    scale: options.smoke ? SMOKE_SCALE : FULL_SCALE,
    runs: options.runs,
    judged: !options.smoke,
    workFolder: work.path,
    cacheFolder,
    days: new DayFiles(join(cacheFolder, "days"), say),
    ...(await buildBinaries(work.path)),
    say,
  };
  const results: CaseResult[] = [];
  for (const one of cases) {
    const result = await runOne(one, bench);
    process.stdout.write(`${caseText(result)}\n`);
    results.push(result);
  }
  return results;
}

/** A case that fails is no result, but the others are. */
async function runOne(one: BenchCase, bench: Bench): Promise<CaseResult> {
  const { name, title } = one;
  const own = { ...bench, say: (text: string) => say(`${name}: ${text}`) };
  try {
    return { name, title, ...(await one.run(own)) };
  } catch (error) {
    failures.push(`${name}: ${errorText(error)}`);
    return { name, title, ...notRun("it failed, see above") };
  }
}

function say(text: string): void {
  process.stderr.write(`[bench] ${text}\n`);
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
