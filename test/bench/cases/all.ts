import type { BenchCase } from "../support/case.ts";
import { allTickersCase } from "./all-tickers.ts";
import { daysCase } from "./days.ts";
import { downloadLoopbackCase } from "./download-loopback.ts";
import { downloadCase } from "./download.ts";
import { exportCase } from "./export.ts";
import { filterManyCase } from "./filter-many.ts";
import { filterCase } from "./filter.ts";
import { hybridCase } from "./hybrid.ts";
import { memoryCase } from "./memory.ts";
import { startCase } from "./start.ts";
import { statusManyCase } from "./status-many.ts";
import { statusCase } from "./status.ts";
import { syncAgainCase } from "./sync-again.ts";
import { syncMemoryCase } from "./sync-memory.ts";
import { syncOverCase } from "./sync-over.ts";
import { syncCase } from "./sync.ts";
import { viewCase } from "./view.ts";

/** Every case, in the order of the table. */
export const CASES: readonly BenchCase[] = [
  filterCase,
  filterManyCase,
  daysCase,
  allTickersCase,
  memoryCase,
  downloadCase,
  downloadLoopbackCase,
  hybridCase,
  startCase,
  statusCase,
  statusManyCase,
  syncCase,
  syncOverCase,
  syncAgainCase,
  syncMemoryCase,
  exportCase,
  viewCase,
];

/**
 * The cases with these names, all for none; a name stands for all that begin with it: `download` for
 * `download-loopback` too.
 * @throws Error for a name that no case has.
 */
export function casesNamed(names: readonly string[]): readonly BenchCase[] {
  for (const name of names) {
    if (!CASES.some((one) => isNamed(one, name)))
      throw new Error(`there is no case "${name}", but ${CASES.map((one) => one.name).join(", ")}`);
  }
  return names.length === 0 ? CASES : CASES.filter((one) => names.some((name) => isNamed(one, name)));
}

function isNamed(one: BenchCase, name: string): boolean {
  return one.name === name || one.name.startsWith(`${name}-`);
}
