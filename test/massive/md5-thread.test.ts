import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Md5Thread } from "../../src/massive/md5-thread.ts";
import { codeOf } from "../../src/massive/network-errors.ts";
import { tempDir } from "../support/temp-dir.ts";
import { reasonOf } from "./support.ts";

const LARGE = 5 << 20;

test("answers each who asked, small file or large, also after one that cannot be read", async () => {
  using dir = tempDir();
  const contents = [Buffer.alloc(LARGE, "one"), Buffer.from("small"), Buffer.alloc(LARGE, "two")];
  const paths = contents.map((bytes, index) => {
    const path = join(dir.path, `${index}`);
    writeFileSync(path, bytes);
    return path;
  });
  const thread = new Md5Thread();
  try {
    const missing = reasonOf(thread.md5Of(join(dir.path, "missing"), LARGE));
    const sums = await Promise.all(
      paths.map((path, index) => thread.md5Of(path, contents[index]?.length ?? 0)),
    );
    expect(sums).toEqual(contents.map((bytes) => createHash("md5").update(bytes).digest("hex")));
    expect(codeOf(await missing)).toBe("ENOENT");
  } finally {
    thread.close();
  }
});

test("leaves nobody waiting when it is closed", async () => {
  using dir = tempDir();
  const path = join(dir.path, "large");
  writeFileSync(path, Buffer.alloc(LARGE));
  const thread = new Md5Thread();
  const asked = reasonOf(thread.md5Of(path, LARGE));
  thread.close();
  expect(String(await asked)).toContain("the MD5 thread has ended");
});
