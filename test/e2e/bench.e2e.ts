import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { CASES } from "../bench/cases/all.ts";
import { readResults } from "../bench/support/results.ts";
import { commandLine } from "../support/binary.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(120_000);

test("every case of the bench runs and finds figures", async () => {
  using dir = tempDir();
  const json = join(dir.path, "results.json");
  const [binary = ""] = commandLine([]);
  const main = join(import.meta.dir, "..", "bench", "main.ts");
  const child = Bun.spawn([process.execPath, "--no-env-file", main, "--smoke", `--json=${json}`], {
    env: { PATH: process.env["PATH"] ?? "", HOME: dir.path, TZ: "UTC", MASSIVE_BACKFILL_BINARY: binary },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(said);
  const { cases } = readResults(await Bun.file(json).text());
  expect(cases.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
  for (const { findings, series } of cases.filter(({ notRun }) => notRun === null)) {
    expect(series.length).toBeGreaterThan(0);
    for (const { value, reached } of findings) {
      expect(value).toBeGreaterThan(0);
      expect(reached).toBeNull();
    }
  }
});
