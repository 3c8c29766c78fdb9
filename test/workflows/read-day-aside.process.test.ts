import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { tempDir } from "../support/temp-dir.ts";
import { manyRows, SPX_DAY } from "./day-files.ts";
import { INDEX_HEADER, put } from "./index-file.ts";

setDefaultTimeout(20_000);

/** Runs a script in a process of its own, which has to end by itself; what it said and its exit code. */
async function runElsewhere(path: string, script: string) {
  const module = import.meta.resolve("../../src/workflows/read-day-aside.ts");
  const setUp = `import { readDayAside } from ${JSON.stringify(module)};
    const file = { path: ${JSON.stringify(path)}, date: "${SPX_DAY.date}", wanted: "all" };
    const never = new AbortController().signal;
    const say = (error) => console.log(error.message.split(": ").at(-1));`;
  const child = Bun.spawn([process.execPath, "-e", `${setUp}\n${script}`], {
    stdout: "pipe",
    stderr: "pipe",
    // A process that a thread keeps alive shall fail its test, not hold it up.
    timeout: 10_000,
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { stdout, stderr, code: await child.exited };
}

test.each([
  ["a file was read", "console.log((await readDayAside(file, () => {}, never)).bars);", "20000\n"],
  [
    "a file was not there",
    "await readDayAside({ ...file, path: file.path + 'x' }, () => {}, never).catch(say);",
    "there is no such file\n",
  ],
  [
    "nobody had room for its bars",
    "await readDayAside(file, () => { throw new Error('no room'); }, never).catch(say);",
    "no room\n",
  ],
  [
    "the run was stopped",
    `const stop = new AbortController();
     await readDayAside(file, () => stop.abort(new Error("enough")), stop.signal).catch(say);`,
    "enough\n",
  ],
  [
    "the run was stopped before the thread was there",
    `const stop = new AbortController();
     const reading = readDayAside(file, () => {}, stop.signal).catch(say);
     stop.abort(new Error("enough"));
     await reading;`,
    "enough\n",
  ],
  [
    "several were read at once",
    `const read = () => readDayAside(file, () => {}, never);
     console.log((await Promise.all([read(), read(), read()])).map(({ bars }) => bars).join(" "));`,
    "20000 20000 20000\n",
  ],
])("no thread is left behind when %s", async (_what, script, stdout) => {
  using dir = tempDir();
  const rows = Array.from({ length: 20 }, (_, one) => manyRows(`I:T${one}`, 1000)).join("");
  const path = put({ dataDir: dir.path }, "day.csv", INDEX_HEADER + rows);
  expect(await runElsewhere(path, script)).toEqual({ stdout, stderr: "", code: 0 });
});

test("a run that is stopped already hears nothing of a taker who fails after that", async () => {
  using dir = tempDir();
  const script = `const failing = Promise.resolve().then(() => { throw new Error("no room"); });
    await readDayAside(file, failing, AbortSignal.abort(new Error("enough"))).catch(say);
    await new Promise((resolve) => setImmediate(resolve));
    console.log("still alive");`;
  const { stdout, code } = await runElsewhere(join(dir.path, "none"), script);
  expect({ stdout, code }).toEqual({ stdout: "enough\nstill alive\n", code: 0 });
});
