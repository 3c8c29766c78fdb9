import { describe, expect, test } from "bun:test";
import { assertRoom, freeBytesOf, type RoomNeeded } from "../../src/workflows/disk-space.ts";
import { FILES_READ_AT_ONCE } from "../../src/workflows/fetch-window.ts";
import type { FileTransfer } from "../../src/workflows/transfer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const MB = 1_000_000;
/** What is asked for besides flat files. */
const RESERVE_BYTES = 64 * MB;
/** Files that are on the disk at once if each is deleted when it is read: those ahead of the readers, and theirs. */
const PASSING = 8 + FILES_READ_AT_ONCE;

function filesOf(count: number, fields: Partial<FileTransfer> = {}): FileTransfer[] {
  const file = { sizeBytes: 100 * MB, resumedBytes: 0, replacedBytes: 0, ...fields };
  return Array.from({ length: count }, () => file);
}

function roomFor(
  files: readonly FileTransfer[],
  fields: Partial<RoomNeeded> = {},
  wholeBytes = 0,
): RoomNeeded {
  const resumedBytes = files.reduce((sum, file) => sum + file.resumedBytes, 0);
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, -resumedBytes);
  const transfer = { files, bytes, resumedBytes, wholeBytes };
  return { dataDir: "data", freeBytes: null, transfer, connections: 16, keepFiles: true, ...fields };
}

/** The smallest free space that is enough for the files alone. */
function neededFor(room: RoomNeeded): number {
  let [low, high] = [0, 1e15];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    try {
      assertRoom({ ...room, freeBytes: middle });
      high = middle;
    } catch {
      low = middle + 1;
    }
  }
  return low - RESERVE_BYTES;
}

describe("the room that is needed", () => {
  test("is that of all files if they are kept", () => {
    expect(neededFor(roomFor(filesOf(1)))).toBe(100 * MB);
    expect(neededFor(roomFor(filesOf(500)))).toBe(50_000 * MB);
  });

  test("leaves out what an earlier run has fetched of them", () => {
    const [begun, fresh] = [filesOf(2, { resumedBytes: 90 * MB }), filesOf(1)];
    expect(neededFor(roomFor([...begun, ...fresh]))).toBe(120 * MB);
  });

  test("is that of the files under way and being read if each is deleted then", () => {
    const keepFiles = false;
    expect(neededFor(roomFor(filesOf(3), { keepFiles }))).toBe(300 * MB);
    expect(neededFor(roomFor(filesOf(500), { keepFiles }))).toBe(PASSING * 100 * MB);
  });

  test("grows with the connections if files are small", () => {
    const small = filesOf(500, { sizeBytes: MB });
    const needed = (connections: number) => neededFor(roomFor(small, { connections, keepFiles: false }));
    expect([needed(1), needed(16), needed(64)]).toEqual(
      [8, 16, 64].map((ahead) => (ahead + FILES_READ_AT_ONCE) * MB),
    );
  });

  test("counts the older version of a file until the new one is complete", () => {
    const replaced = filesOf(500, { replacedBytes: 100 * MB });
    const needed = neededFor(roomFor(replaced));
    expect(needed).toBe(PASSING * 100 * MB);
  });

  test("has three times the files of which every ticker is cached", () => {
    expect(neededFor(roomFor(filesOf(4), {}, 200 * MB))).toBe(400 * MB + 3 * 200 * MB);
  });
});

describe("too little room", () => {
  test("is an error that says what is needed, what is there, and what to do", () => {
    const room = roomFor(filesOf(63), { freeBytes: 1_500 * MB });
    const error = thrownBy(() => assertRoom(room));
    expect(error.code).toBe("disk-full");
    expect(wordsOf(error)).toEqual({
      kind: "cache",
      operation: "download to data",
      reason:
        "the disk has 1.5 GB free, and about 6.4 GB are needed (6.3 GB for flat files, 64.0 MB for the cache); nothing was fetched",
      nextStep:
        "Free some space, run hybrid with --no-keep, ask for fewer days, or choose a --data-dir on another disk.",
    });
  });

  test("does not advise what would not help", () => {
    const small = roomFor(filesOf(1), { freeBytes: 100 * MB });
    expect(thrownBy(() => assertRoom(small)).nextStep).toBe(
      "Free some space, or choose a --data-dir on another disk.",
    );
  });

  test("with --no-keep does not advise it", () => {
    const room = roomFor(filesOf(63), { freeBytes: MB, keepFiles: false });
    expect(thrownBy(() => assertRoom(room)).nextStep).toBe(
      "Free some space, ask for fewer days, or choose a --data-dir on another disk.",
    );
  });

  test("is not assumed of a file system that does not say", () => {
    expect(() => assertRoom(roomFor(filesOf(1e4), { freeBytes: null }))).not.toThrow();
  });
});

test("the free space of a data directory is found before it has any flat files", async () => {
  using dir = tempDir();
  expect(await freeBytesOf(dir.path)).toBeGreaterThan(0);
});
