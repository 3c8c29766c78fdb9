import { describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  removeAbandoned,
  writeFileInPieces,
  writeFileWhole,
} from "../../../src/workflows/export/atomic-file.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { rejectionOf, thrownBy, wordsOf } from "../../support/thrown.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a file that is written piece by piece", () => {
  test("has its name only when all of it is there", async () => {
    using dir = tempDir();
    const path = join(dir.path, "new", "a.csv");
    const seen: string[][] = [];
    const sizeBytes = await writeFileInPieces(path, async (sink) => {
      sink(bytes("one,"));
      seen.push(readdirSync(join(dir.path, "new")));
      sink(bytes("two"));
    });
    expect(seen).toEqual([[`.a.csv.${process.pid}.partial`]]);
    expect(readdirSync(join(dir.path, "new"))).toEqual(["a.csv"]);
    expect([sizeBytes, readFileSync(path, "utf8")]).toEqual([7, "one,two"]);
  });

  test("takes the place of what a link leads to, and may be read by whom that might", async () => {
    using dir = tempDir();
    const [path, link] = [join(dir.path, "elsewhere", "a.csv"), join(dir.path, "a.csv")];
    mkdirSync(dirname(path));
    writeFileSync(path, "before", { mode: 0o640 });
    symlinkSync(path, link);
    await writeFileInPieces(link, async (sink) => sink(bytes("one")));
    expect([readFileSync(path, "utf8"), lstatSync(link).isSymbolicLink()]).toEqual(["one", true]);
    writeFileWhole(link, bytes("two"));
    expect([readFileSync(path, "utf8"), lstatSync(link).isSymbolicLink()]).toEqual(["two", true]);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("640");
    expect(readdirSync(dirname(path))).toEqual(["a.csv"]);
  });

  test("leaves what was there before when it fails, and nothing of its own", async () => {
    using dir = tempDir();
    const path = join(dir.path, "a.csv");
    writeFileSync(path, "before");
    const failure = new Error("stopped");
    const failed = await writeFileInPieces(path, async (sink) => {
      sink(bytes("half"));
      throw failure;
    }).catch((error: unknown) => error);
    expect(failed).toBe(failure);
    expect(readdirSync(dir.path)).toEqual(["a.csv"]);
    expect(readFileSync(path, "utf8")).toBe("before");
  });

  test("tells why the file system does not take it", async () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "a.csv"));
    const path = join(dir.path, "a.csv");
    const inPieces = await rejectionOf(writeFileInPieces(path, async () => {}));
    const whole = thrownBy(() => writeFileWhole(path, bytes("x")));
    for (const error of [inPieces, whole])
      expect(wordsOf(error)).toMatchObject({
        kind: "cache",
        operation: `write ${path}`,
        nextStep: "Check the path, or choose another --out.",
      });
    expect(readdirSync(dir.path)).toEqual(["a.csv"]);
  });
});

test("what a killed export left is removed, and nothing else", async () => {
  using dir = tempDir();
  const dead = Bun.spawn(["true"]);
  await dead.exited;
  const alive = process.ppid;
  const left = [`.a.csv.${dead.pid}.partial`, `.b.csv.${process.pid}.partial`, `.c.csv.${alive}.partial`];
  const others = [`.d.csv.${alive}.partial`, ".a.csv.partial", "a.csv", `c.${dead.pid}.partial`];
  for (const name of [...left, ...others]) writeFileSync(join(dir.path, name), "");
  const old = new Date(Date.now() - 3_700_000);
  for (const name of [...left.slice(2), ...others.slice(1)]) utimesSync(join(dir.path, name), old, old);
  removeAbandoned(dir.path);
  expect(readdirSync(dir.path).toSorted()).toEqual(others.toSorted());
  removeAbandoned(join(dir.path, "is not there"));
});
