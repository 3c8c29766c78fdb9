import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseSymbols } from "../../../src/core/symbols.ts";
import { checkFiles } from "../../../src/workflows/verify/check-files.ts";
import type { Fault } from "../../../src/workflows/verify/findings.ts";
import { localFilePath } from "../../../src/workflows/local-files.ts";
import { parseDownloaded } from "../../../src/workflows/parse.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { gzipped, INDEX_HEADER, indexRows, putDownloaded } from "../index-file.ts";
import { contextOf } from "../run-context.ts";
import { checkWith, USUAL } from "./verify-support.ts";

const [DAY, NEXT] = ["2024-11-21", "2024-11-22"];
const OPEN = `${DAY}T14:30:00Z`;
const NIGHT = `${NEXT}T02:00:00Z`;

/** SPX comes in two blocks, the second of which says a minute again; a minute at night is in both days' files. */
function dayFile(nightPrice = 5): string {
  return [
    INDEX_HEADER,
    indexRows("I:NDX", OPEN, [20, 21]),
    indexRows("I:SPX", OPEN, [10, 11, 12, 13]),
    indexRows("I:VIX", OPEN, [15]),
    indexRows("I:SPX", `${DAY}T14:33:00Z`, [13, 14]),
    indexRows("I:SPX", NIGHT, [nightPrice]),
  ].join("");
}

function nextFile(nightPrice = 5): string {
  const open = `${NEXT}T14:30:00Z`;
  return [INDEX_HEADER, indexRows("I:SPX", NIGHT, [nightPrice]), indexRows("I:SPX", open, [30, 31])].join("");
}

/** Two files that were read, all of them or for some symbols. */
async function world(symbols: readonly string[] = ["SPX", "NDX", "RUT"], nightPrice = 5): Promise<TempCache> {
  const temp = tempCache();
  putDownloaded(temp, DAY, gzipped(dayFile()));
  putDownloaded(temp, NEXT, gzipped(nextFile(nightPrice)));
  await parse(temp, symbols);
  return temp;
}

/** Day by day: of a minute that both files have, the one that is read first keeps it. */
async function parse(temp: TempCache, symbols: readonly string[]): Promise<void> {
  const selection = parseSymbols(symbols, symbols.includes("*") ? "indices" : undefined);
  for (const date of [DAY, NEXT]) await parseDownloaded(contextOf(temp), { selection, from: date, to: date });
}

const pathOf = (temp: TempCache, date = DAY) => localFilePath(temp.dataDir, "indices", date);
const check = (temp: TempCache, options = {}, scope = {}) => checkWith(checkFiles, temp, options, scope);
const bytesOf = (temp: TempCache) =>
  [DAY, NEXT].reduce((sum, date) => sum + statSync(pathOf(temp, date)).size, 0);

/** Lets the manifest believe that the files were uploaded in parts, so that nothing speaks for them but their bars. */
function forgetMd5({ cache }: TempCache): void {
  cache.db.run("UPDATE flat_files SET etag = 'parts' || id || '-2'");
}

/** Rewrites a file as if it had always been so, as far as its size tells. */
function rewrite(temp: TempCache, date: string, text: string): void {
  const bytes = gzipped(text);
  writeFileSync(pathOf(temp, date), bytes);
  temp.cache.db.run("UPDATE flat_files SET size_bytes = ? WHERE epoch_day = ?", [
    bytes.length,
    Date.parse(date) / 86_400_000,
  ]);
}

describe("files that are as they were read", () => {
  test.each([
    ["for some symbols", ["SPX", "NDX", "RUT"], 6 + 2 + 3],
    ["for every ticker", ["*"], 6 + 2 + 1 + 3],
  ])("%s have no faults, to the minute that both of them have", async (_what, symbols, bars) => {
    using temp = await world(symbols);
    expect(await check(temp)).toEqual({
      check: "files",
      lookedAt: { files: 2, bytes: bytesOf(temp), bars },
      faultCount: 0,
      kinds: {},
      faults: [],
      notes: [],
    });
  });

  test("are compared for the symbols and days that are asked for", async () => {
    using temp = await world(["*"]);
    temp.cache.db.run("UPDATE bars SET close = 99, high = 99 WHERE close = 20");
    const scope = { symbols: parseSymbols(["SPX"]).symbols, range: { from: DAY, to: DAY } };
    expect(await check(temp, {}, scope)).toMatchObject({ lookedAt: { files: 1, bars: 6 }, faultCount: 0 });
  });

  test("have rows that were left out, and so does the cache", async () => {
    using temp = tempCache();
    const rows = indexRows(
      "I:SPX",
      OPEN,
      Array.from({ length: 150 }, (_, minute) => minute + 1),
    );
    putDownloaded(temp, DAY, gzipped(`${INDEX_HEADER}${rows}I:SPX,1,1\n${indexRows("I:NDX", OPEN, [1])}`));
    await parse(temp, ["SPX", "NDX"]);
    expect(await check(temp)).toMatchObject({ lookedAt: { files: 1, bars: 151 }, faultCount: 0 });
  });

  test("may be gone or unknown, which is a note", async () => {
    using temp = await world();
    temp.cache.db.run("UPDATE flat_files SET downloaded_at_ms = NULL");
    rmSync(pathOf(temp));
    expect(await check(temp)).toEqual({
      check: "files",
      lookedAt: {},
      faultCount: 0,
      kinds: {},
      faults: [],
      notes: [
        "indices: 6 days of symbols were read from files that are not here any more.",
        `indices: 1 file in the folder that no run has read yet: ${NEXT}.`,
      ],
    });
  });
});

const FILE = { dataset: "indices", symbol: null, date: DAY } as const;
const SPX = { dataset: "indices", symbol: "SPX", date: DAY } as const;

/** Sets a fault into the world and says what is found. */
const INJECTED: readonly [what: string, inject: (temp: TempCache) => void, faults: readonly Fault[]][] = [
  [
    "a bar that the cache lost",
    ({ cache }) => cache.db.run("DELETE FROM bars WHERE close = 14"),
    [
      {
        kind: "bars-lacking",
        ...SPX,
        detail: "1 bar in the file, not in the cache, the first at 09:34 New York (close 14)",
      },
    ],
  ],
  [
    "bars that only the cache has",
    ({ cache }) =>
      cache.db.run(
        "INSERT INTO bars SELECT symbol_id, 1, window_start_ms + 600000, epoch_day, 1, 1, 1, 1, 1, 1, 1, 1 FROM bars WHERE close IN (10, 11)",
      ),
    [
      {
        kind: "bars-extra",
        ...SPX,
        detail: "2 bars in the cache, not in the file, the first at 09:40 New York (close 1)",
      },
    ],
  ],
  [
    "bars that the cache has otherwise",
    ({ cache }) => cache.db.run("UPDATE bars SET close = 9 WHERE close IN (10, 11)"),
    [
      {
        kind: "bars-different",
        ...SPX,
        detail:
          "2 bars otherwise in the file, the first at 09:30 New York: close 10 in the file, 9 in the cache",
      },
    ],
  ],
  [
    "a symbol that the file has no more",
    (temp) => {
      forgetMd5(temp);
      rewrite(temp, DAY, dayFile().replaceAll("I:SPX", "I:SPY"));
    },
    [
      {
        kind: "bars-extra",
        ...SPX,
        detail: "6 bars in the cache, not in the file, the first at 09:30 New York (close 10)",
      },
    ],
  ],
  [
    "a file with another price, uploaded in parts",
    (temp) => {
      forgetMd5(temp);
      rewrite(temp, DAY, dayFile().replace("I:NDX,20,20", "I:NDX,20,20.5").replace("20.5,20,", "20.5,21,"));
    },
    [
      {
        kind: "bars-different",
        ...SPX,
        symbol: "NDX",
        detail:
          "1 bar otherwise in the file, the first at 09:30 New York: high 21 in the file, 20 in the cache",
      },
    ],
  ],
];

describe("what is injected is found:", () => {
  test.each(INJECTED)("%s", async (_what, inject, faults) => {
    using temp = await world();
    inject(temp);
    const { faults: found, faultCount, kinds } = await check(temp);
    expect(found).toEqual([...faults]);
    expect(faultCount).toBe(faults.length);
    expect(kinds).toEqual(Object.fromEntries(faults.map(({ kind }) => [kind, 1])));
  });

  test("a minute that two files have with different values", async () => {
    using temp = await world(["SPX"], 6);
    expect((await check(temp)).faults).toEqual([
      {
        kind: "minute-twice",
        ...SPX,
        date: NEXT,
        detail:
          "1 bar in another day's file too, with other values, the first at 2024-11-21 21:00 New York: open 6 in the file, 5 in the cache",
      },
    ]);
  });

  test("a ticker of a file that was read whole, and is not in the cache", async () => {
    using temp = await world(["*"]);
    temp.cache.db.run("DELETE FROM bars WHERE close = 15");
    temp.cache.db.run("DELETE FROM batches WHERE symbol_id = (SELECT id FROM symbols WHERE symbol = 'VIX')");
    expect((await check(temp)).faults).toEqual([
      {
        kind: "bars-lacking",
        ...SPX,
        symbol: "VIX",
        detail: "1 bar in the file, not in the cache, the first at 09:30 New York (close 15)",
      },
    ]);
  });

  test("a file that is gone, cut, damaged or changed", async () => {
    using temp = await world();
    const path = pathOf(temp);
    const whole = readFileSync(path);
    const faultsOf = async () => (await check(temp)).faults;
    rmSync(path);
    expect(await faultsOf()).toEqual([{ kind: "file-missing", ...FILE, detail: path }]);

    writeFileSync(path, whole.subarray(0, -9));
    expect(await faultsOf()).toEqual([
      {
        kind: "file-size",
        ...FILE,
        detail: `${whole.length} bytes downloaded, ${whole.length - 9} in ${path}`,
      },
    ]);

    writeFileSync(
      path,
      whole.map((byte, index) => (index === whole.length - 6 ? byte ^ 1 : byte)),
    );
    expect(await faultsOf()).toMatchObject([{ kind: "file-damaged", ...FILE }]);

    rewrite(temp, DAY, dayFile(6));
    const [fault, ...others] = await faultsOf();
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ kind: "file-changed", ...FILE });
    expect(fault?.detail).toMatch(/^MD5 [0-9a-f]{32} downloaded, [0-9a-f]{32} of /);
  });

  test("a file that nothing was read from is read to its end too", async () => {
    using temp = await world();
    temp.cache.db.run("UPDATE batches SET flat_file_id = NULL");
    const path = pathOf(temp);
    const whole = readFileSync(path);
    expect(await check(temp)).toMatchObject({ lookedAt: { files: 2, bars: 0 }, faultCount: 0 });
    writeFileSync(
      path,
      whole.map((byte, index) => (index === whole.length - 6 ? byte ^ 1 : byte)),
    );
    expect((await check(temp)).faults).toMatchObject([{ kind: "file-damaged", ...FILE }]);
  });
});

describe("a file that a run replaces while it is looked at", () => {
  test.each([
    [
      "the manifest knows it already",
      (temp: TempCache) => temp.cache.db.run("UPDATE flat_files SET downloaded_at_ms = NULL"),
    ],
    ["the manifest does not know it yet", (temp: TempCache) => putDownloaded(temp, DAY, gzipped(dayFile(7)))],
  ])("is no fault: %s", async (_what, replace) => {
    using temp = await world();
    rewrite(temp, DAY, dayFile(6));
    const context = contextOf(temp);
    const task = { advance: () => void replace(temp), resume() {}, done() {}, failed() {} };
    const progress = { ...context.progress, task: () => task };
    const scope = { symbols: parseSymbols(["SPX"]).symbols, range: { from: DAY, to: DAY } };
    const { faults, notes, lookedAt } = await checkFiles({ ...context, progress }, scope, USUAL);
    expect({ faults, lookedAt }).toEqual({ faults: [], lookedAt: {} });
    expect(notes).toContain(`indices ${DAY}: a run has replaced the file meanwhile; check it again.`);
  });
});

describe("--repair", () => {
  test.each([
    ["lost", "DELETE FROM bars WHERE close = 14"],
    ["edited", "UPDATE bars SET close = 9 WHERE close IN (10, 11)"],
  ])("bars that were %s are read again from the file by the next run", async (_what, sql) => {
    using temp = await world();
    temp.cache.db.run(sql);
    expect(await check(temp, { repair: true })).toMatchObject({
      faultCount: 1,
      notes: [expect.stringContaining("Marked 1 day as not read")],
    });
    await parse(temp, ["SPX", "NDX", "RUT"]);
    expect(await check(temp)).toMatchObject({ lookedAt: { files: 2, bars: 11 }, faultCount: 0, notes: [] });
  });

  test("a ticker that the cache has lost is read again with the whole file", async () => {
    using temp = await world(["*"]);
    const { db } = temp.cache;
    db.run("DELETE FROM bars WHERE close = 15");
    db.run("DELETE FROM batches WHERE symbol_id = (SELECT id FROM symbols WHERE symbol = 'VIX')");
    db.run("DELETE FROM symbols WHERE symbol = 'VIX'");
    expect(await check(temp, { repair: true })).toMatchObject({ kinds: { "bars-lacking": 1 } });
    await parse(temp, ["*"]);
    expect(await check(temp)).toMatchObject({ lookedAt: { files: 2, bars: 12 }, faultCount: 0 });
  });

  test("a file that was deleted by hand is noted as gone", async () => {
    using temp = await world();
    rmSync(pathOf(temp));
    expect(await check(temp, { repair: true })).toMatchObject({
      kinds: { "file-missing": 1 },
      notes: [
        "indices: 3 days of symbols were read from files that are not here any more.",
        "Noted 1 file as gone.",
      ],
    });
    expect(await check(temp)).toMatchObject({ lookedAt: { files: 1 }, faultCount: 0 });
  });
});
