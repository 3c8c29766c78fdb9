import { describe, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { errorText } from "../../src/core/errors.ts";
import { rawBytes, textBytes } from "../../src/workflows/file-bytes.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";

/** 2 MB of text that gzip halves at best, so that it comes in several chunks on both sides. */
const LONG_TEXT = Array.from({ length: 300_000 }, (_, index) => String((index * 7919) % 1_000_003)).join(
  "\n",
);

function put(dir: TempDir, name: string, bytes: string | Uint8Array): string {
  const path = join(dir.path, name);
  writeFileSync(path, bytes);
  return path;
}

/** How many files this process holds open. */
function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
  return Buffer.concat(parts).toString("utf8");
}

describe("textBytes", () => {
  test("reads a plain file and a gzip file alike, whatever their names", async () => {
    using dir = tempDir();
    for (const text of ["", "a", "ticker,open\n", LONG_TEXT]) {
      expect(await collect(textBytes(put(dir, "plain.csv", text)))).toBe(text);
      expect(await collect(textBytes(put(dir, "plain.csv.gz", text)))).toBe(text);
      expect(await collect(textBytes(put(dir, "packed.csv.gz", gzipSync(text))))).toBe(text);
      expect(await collect(textBytes(put(dir, "packed.csv", gzipSync(text))))).toBe(text);
    }
  });

  test("hands over a long file in bounded chunks", async () => {
    using dir = tempDir();
    const sizes: number[] = [];
    const longer = LONG_TEXT.repeat(4);
    for await (const chunk of textBytes(put(dir, "x.gz", gzipSync(longer)))) sizes.push(chunk.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(longer.length);
    expect(longer.length).toBeGreaterThan(4 << 20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1 << 20);
  });

  test("reads a gzip file of several members to its end", async () => {
    using dir = tempDir();
    const members = Buffer.concat(["first\n", LONG_TEXT, "last\n"].map((text) => gzipSync(text)));
    expect(await collect(textBytes(put(dir, "members.gz", members)))).toBe(`first\n${LONG_TEXT}last\n`);
  });

  test("reads over the zeros that pad a gzip file", async () => {
    using dir = tempDir();
    const padded = Buffer.concat([gzipSync("text\n"), Buffer.alloc(512)]);
    expect(await collect(textBytes(put(dir, "padded.gz", padded)))).toBe("text\n");
  });

  test.each<[string, (whole: Buffer) => Uint8Array]>([
    ["cut in the middle", (whole) => whole.subarray(0, whole.length >> 1)],
    ["cut by its last byte", (whole) => whole.subarray(0, -1)],
    ["cut in its header", (whole) => whole.subarray(0, 5)],
    ["cut after its magic number", (whole) => whole.subarray(0, 2)],
    ["cut in its second member", (whole) => Buffer.concat([gzipSync("a\n"), whole.subarray(0, 1000)])],
    ["changed in the middle", (whole) => changed(whole, whole.length >> 1)],
    ["changed in its checksum", (whole) => changed(whole, whole.length - 6)],
    ["followed by something else", (whole) => Buffer.concat([whole, Buffer.from("<html>")])],
  ])("says that a gzip file is bad that is %s", async (_how, damage) => {
    using dir = tempDir();
    const path = put(dir, "bad.csv.gz", damage(gzipSync(LONG_TEXT)));
    const error = await rejectionOf(collect(textBytes(path)));
    expect(wordsOf(error)).toEqual({
      kind: "data",
      operation: `read ${path}`,
      reason: expect.stringMatching(/^the gzip file is cut or corrupt \(.+\)$/),
      nextStep:
        "Nothing of it was kept. Get the file again: without it, `hybrid` and `download` fetch it anew.",
    });
    expect(error.code).toBe("bad-gzip");
  });

  test("says that a folder is none", async () => {
    using dir = tempDir();
    expect(wordsOf(await rejectionOf(collect(textBytes(dir.path))))).toEqual({
      kind: "data",
      operation: `read ${dir.path}`,
      reason: "it is a folder",
      nextStep: "Check the path.",
    });
  });

  test("ends when the run is stopped", async () => {
    using dir = tempDir();
    const path = put(dir, "x.gz", gzipSync(LONG_TEXT));
    const stop = new AbortController();
    const reading = (async () => {
      for await (const chunk of textBytes(path, { signal: stop.signal }))
        if (chunk.length > 0) stop.abort(new Error("the user has had enough"));
    })();
    expect(await reading.catch(errorText)).toBe("the user has had enough");
  });

  // The open files of this process can be counted on Linux alone.
  test.if(process.platform === "linux")("closes a gzip file that is not read to its end", async () => {
    using dir = tempDir();
    const path = put(dir, "x.gz", gzipSync(LONG_TEXT));
    const before = openFiles();
    for (let time = 0; time < 10; time++)
      for await (const chunk of textBytes(path)) if (chunk.length > 0) break;
    for (let wait = 0; wait < 50 && openFiles() > before; wait++) await delay(5);
    expect(openFiles()).toBeLessThanOrEqual(before);
  });

  test("explains a file that is not there, and nothing else comes of it", async () => {
    using dir = tempDir();
    const path = join(dir.path, "none.csv.gz");
    expect(await readElsewhere(path, "undefined")).toEqual([
      `read ${path}: there is no such file\nstill alive\n`,
      0,
    ]);
  });

  test.each(["x.csv", "x.csv.gz"])("ends at once if the run is stopped already (%s)", async (name) => {
    using dir = tempDir();
    const path = put(dir, name, name.endsWith("gz") ? gzipSync(LONG_TEXT) : LONG_TEXT);
    expect(await readElsewhere(path, "{ signal: AbortSignal.abort() }")).toEqual([
      "The operation was aborted\nstill alive\n",
      0,
    ]);
  });
});

describe("the bytes as they are on disk", () => {
  test.each<[string, () => Uint8Array]>([
    ["of a plain file", () => Buffer.from(LONG_TEXT)],
    ["of a gzip file", () => gzipSync(LONG_TEXT)],
    ["of a gzip file of several members", () => Buffer.concat([gzipSync(LONG_TEXT), gzipSync("more\n")])],
    ["of an empty file", () => Buffer.alloc(0)],
    ["of a gzip file of nothing", () => gzipSync("")],
  ])("are shown whole and in their order, each once: %s", async (_what, content) => {
    using dir = tempDir();
    const bytes = Buffer.from(content());
    const path = put(dir, "x", bytes);
    const shown: Uint8Array[] = [];
    const options = { onRaw: (raw: Uint8Array) => void shown.push(new Uint8Array(raw)) };
    const text = await collect(textBytes(path, options));
    expect(Buffer.concat(shown).equals(bytes)).toBe(true);
    expect(text).toBe(await collect(textBytes(path)));
    shown.length = 0;
    await collect(rawBytes(path, options));
    expect(Buffer.concat(shown).equals(bytes)).toBe(true);
  });

  test.each(["x.csv", "x.csv.gz"])("are no reason to read ahead without bounds (%s)", async (name) => {
    using dir = tempDir();
    // gzip makes nothing of random bytes, so that both sides are 16 MB.
    const random = crypto.getRandomValues.bind(crypto);
    const noise = Buffer.concat(Array.from({ length: 256 }, () => random(new Uint8Array(1 << 16))));
    const path = put(dir, name, name.endsWith("gz") ? gzipSync(noise, { level: 1 }) : noise);
    let rawBytesShown = 0;
    const reading = textBytes(path, { onRaw: (raw) => void (rawBytesShown += raw.length) });
    await reading.next();
    // Another reader, that goes to the end, shows how much time there was for reading on.
    await collect(textBytes(path));
    expect(rawBytesShown).toBeLessThan(10 << 20);
    await reading.return(undefined);
  });
});

describe("rawBytes", () => {
  test("ends when the run is stopped", async () => {
    using dir = tempDir();
    const stop = new AbortController();
    const path = put(dir, "x", LONG_TEXT);
    const reading = (async () => {
      for await (const chunk of rawBytes(path, { signal: stop.signal }))
        if (chunk.length > 0) stop.abort(new Error("the user has had enough"));
    })();
    expect(await reading.catch(errorText)).toBe("the user has had enough");
  });

  test("reads a file as it is on disk", async () => {
    using dir = tempDir();
    const packed = gzipSync(LONG_TEXT);
    const parts: Uint8Array[] = [];
    for await (const chunk of rawBytes(put(dir, "x.gz", packed))) parts.push(new Uint8Array(chunk));
    expect(Buffer.concat(parts).equals(packed)).toBe(true);
  });

  test("explains a file that is not there and a folder", async () => {
    using dir = tempDir();
    const path = join(dir.path, "none");
    expect(wordsOf(await rejectionOf(collect(rawBytes(path))))).toEqual({
      kind: "data",
      operation: `read ${path}`,
      reason: "there is no such file",
      nextStep: "Check the path.",
    });
    expect((await rejectionOf(collect(rawBytes(dir.path)))).reason).toBe("it is a folder");
  });
});

function changed(bytes: Buffer, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

/** Reads a file in a process of its own, which an error that nobody hears would end; what it said and its exit code. */
async function readElsewhere(path: string, options: string): Promise<[string, number]> {
  const module = import.meta.resolve("../../src/workflows/file-bytes.ts");
  const script = `import { textBytes } from ${JSON.stringify(module)};
    import { setTimeout as delay } from "node:timers/promises";
    try { for await (const chunk of textBytes(${JSON.stringify(path)}, ${options})) console.log(chunk.length); }
    catch (error) { console.log(error.message.replace(/\\.$/, "")); }
    await delay(20);
    console.log("still alive");`;
  const child = Bun.spawn([process.execPath, "-e", script], {
    stdout: "pipe",
    stderr: "pipe",
    // A reader that waits for ever shall fail its test, not hold it up.
    timeout: 2000,
  });
  return [await new Response(child.stdout).text(), await child.exited];
}

function lines(megabytes: number): Buffer {
  return Buffer.alloc(megabytes * 1_000_000, "ZZZZ,1,1,1,1,1,1,1\n");
}

describe("a file that unpacks to far more than any day of bars", () => {
  test("is given up before it fills time or memory", async () => {
    using dir = tempDir();
    const path = put(dir, "bomb.csv.gz", gzipSync(lines(200), { level: 9 }));
    let unpacked = 0;
    const reading = async () => {
      for await (const chunk of textBytes(path)) unpacked += chunk.length;
    };
    expect(wordsOf(await rejectionOf(reading()))).toEqual({
      kind: "data",
      operation: `read ${path}`,
      reason: expect.stringMatching(
        /^its \d+\.\d kB unpack to more than 64\.0 MB, which no day of bars does$/,
      ),
      nextStep: "Nothing of it was kept. Get the file again, and check who serves it (MASSIVE_S3_ENDPOINT).",
    });
    expect(unpacked).toBeLessThanOrEqual(64e6);
  });

  test("is read if it harms nobody", async () => {
    using dir = tempDir();
    const text = lines(20);
    expect((await collect(textBytes(put(dir, "dense.csv.gz", gzipSync(text))))).length).toBe(text.length);
  });
});
