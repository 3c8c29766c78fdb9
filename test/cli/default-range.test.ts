import { afterEach, beforeEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { openCache } from "../../src/cache/cache.ts";
import { noteProblem } from "../../src/cache/problems.ts";
import { track } from "../../src/cache/symbols.ts";
import { parseSymbols } from "../../src/core/symbols.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { INDEX_HEADER, indexRows } from "../workflows/index-file.ts";
import { run } from "./run-program.ts";
import { emptyWorkplace } from "./workplace.ts";

let workplace: TempDir;

beforeEach(() => {
  workplace = emptyWorkplace();
});

afterEach(() => {
  workplace[Symbol.dispose]();
});

/** The first and the last day that a run of hybrid would cover; without S3 keys a dry run asks nobody. */
async function hybridRange(...flags: readonly string[]) {
  process.env["MASSIVE_API_KEY"] = "key";
  const { code, written } = await run("hybrid", "--dry-run", "--json", ...flags);
  expect(code).toBe(0);
  const { from, to } = JSON.parse(written);
  return [from, to];
}

async function readDay(date: string): Promise<void> {
  writeFileSync(`${date}.csv`, INDEX_HEADER + indexRows("I:SPX", `${date}T14:30:00Z`, [1]));
  expect((await run("parse", `--file=${date}.csv`, "--symbols=SPX")).code).toBe(0);
}

test("hybrid covers 90 days, and reaches back to the last day there is if that is longer ago", async () => {
  expect(await hybridRange("--symbols=SPX")).toEqual(["2024-08-26", "2024-11-24"]);
  await readDay("2024-06-03");
  expect(await hybridRange()).toEqual(["2024-06-03", "2024-11-24"]);
  expect(await hybridRange("--days=5")).toEqual(["2024-11-19", "2024-11-24"]);
  expect(await hybridRange("--from=2024-11-01")).toEqual(["2024-11-01", "2024-11-24"]);
  await readDay("2024-11-22");
  expect(await hybridRange()).toEqual(["2024-08-26", "2024-11-24"]);
});

test("status begins with the first day that is known, be it only that it failed", async () => {
  const cache = openCache("data");
  const problem = { dataset: "indices", ticker: "", step: "download", hint: "h", seenAtMs: 1 } as const;
  await noteProblem(cache, { ...problem, date: "2024-11-19", state: "failed", error: "it was cut" });
  await track(cache, parseSymbols(["SPX"]), 1);
  cache.close();
  const { written } = await run("status");
  expect(written).toStartWith("Coverage of ./data, 2024-11-19 to 2024-11-24, 1m bars\n");
  expect(written).toContain("  SPX 2024-11-19: failed, it was cut\n");
  expect(written).toContain(
    "  → npx bun run backfill:hybrid -- --from=2024-11-19 --to=2024-11-22 fills what can be filled.\n",
  );
});
