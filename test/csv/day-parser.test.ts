import { describe, expect, test } from "bun:test";
import { DayParser } from "../../src/csv/day-parser.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { DATE, fileOf, HEADER, NOTHING, OPEN_MS, parse, row, rows } from "../support/index-file.ts";
import type { ParsedText } from "../support/parse-text.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("blocks", () => {
  test("hold the bars of one ticker, and come in the order of the file", () => {
    const text = fileOf([row("I:NDX", 0, 5), row("I:SPX", 0, 1), row("I:SPX", 1, 2), row("I:VIX", 0, 3)]);
    expect(parse(text, ["I:VIX", "I:SPX", "I:RUT"])).toEqual({
      blocks: [
        { ticker: "I:SPX", bars: barsFrom(OPEN_MS, [1, 2]) },
        { ticker: "I:VIX", bars: barsFrom(OPEN_MS, [3]) },
      ],
      summary: { ...NOTHING, rows: 3, bars: 3 },
    });
  });

  test("of every ticker come with 'all'", () => {
    const text = fileOf([row("I:NDX", 0, 5), row("I:SPX", 0, 1)]);
    expect(parse(text, "all").blocks).toEqual([
      { ticker: "I:NDX", bars: barsFrom(OPEN_MS, [5]) },
      { ticker: "I:SPX", bars: barsFrom(OPEN_MS, [1]) },
    ]);
  });

  test("are two for a ticker that comes in two blocks", () => {
    const text = fileOf([row("I:SPX", 0, 1), row("I:VIX", 0, 3), row("I:SPX", 1, 2)]);
    expect(parse(text, ["I:SPX", "I:VIX"])).toEqual({
      blocks: [
        { ticker: "I:SPX", bars: [bar(OPEN_MS, 1)] },
        { ticker: "I:VIX", bars: [bar(OPEN_MS, 3)] },
        { ticker: "I:SPX", bars: [bar(OPEN_MS + 60_000, 2)] },
      ],
      summary: { ...NOTHING, rows: 3, bars: 3 },
    });
  });

  test("are in time order whatever the order of the rows", () => {
    const text = fileOf([row("I:SPX", 2, 3), row("I:SPX", 0, 1), row("I:SPX", 1, 2)]);
    expect(parse(text).blocks).toEqual([{ ticker: "I:SPX", bars: barsFrom(OPEN_MS, [1, 2, 3]) }]);
  });

  test("do not come for tickers without a good row", () => {
    const text = fileOf([row("I:SPX", 0, "x"), ...rows("I:NDX", 100)]);
    expect(parse(text, ["I:SPX", "I:NDX"]).blocks.map(({ ticker }) => ticker)).toEqual(["I:NDX"]);
  });

  test("are told apart by case and by the whole ticker", () => {
    const tickers = ["A", "AA", "AAPL", "BCPC", "BCpC", "a"];
    const text = fileOf(tickers.map((ticker, price) => row(ticker, 0, price)));
    for (const [price, ticker] of tickers.entries())
      expect(parse(text, [ticker]).blocks).toEqual([{ ticker, bars: [bar(OPEN_MS, price)] }]);
  });
});

describe("the text around the rows", () => {
  const lines = [row("I:NDX", 0, 5), row("I:SPX", 0, 1.5), row("I:SPX", 1, 2.5), row("I:VIX", 0, 3)];
  const expected: ParsedText = {
    blocks: [
      { ticker: "I:SPX", bars: barsFrom(OPEN_MS, [1.5, 2.5]) },
      { ticker: "I:VIX", bars: barsFrom(OPEN_MS, [3]) },
    ],
    summary: { ...NOTHING, rows: 3, bars: 3 },
  };
  const plain = fileOf(lines);
  const quoted = plain.replaceAll(/[^,\n]+/g, '"$&"');

  test.each([
    ["as the vendor writes it", plain],
    ["with CRLF", plain.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${plain}`],
    ["with a byte order mark and CRLF", `\uFEFF${plain.replaceAll("\n", "\r\n")}`],
    ["with every field quoted", quoted],
    ["with every field quoted and CRLF", quoted.replaceAll("\n", "\r\n")],
    ["without a final newline", plain.slice(0, -1)],
    ["with CR alone at the end", `${plain.slice(0, -1)}\r`],
    ["with empty lines", plain.replaceAll("\n", "\n\n")],
    ["with empty CRLF lines", plain.replaceAll("\n", "\r\n\r\n")],
  ])("is read %s, in chunks of every size", (_form, text) => {
    for (let size = 1; size <= 80; size++)
      expect([size, parse(text, ["I:SPX", "I:VIX"], [size])]).toEqual([size, expected]);
    expect(parse(text, ["I:SPX", "I:VIX"])).toEqual(expected);
  });
});

describe("the guide's older form", () => {
  const header = "timestamp,ticker,open,high,low,close";
  const row930 = "2024-11-22T14:30:00Z,I:SPX,2,4,1,3";

  test("is read though the ticker is not the first field", () => {
    const text = fileOf([row930, "2024-11-22T14:30:00Z,I:NDX,1,1,1,1"], header);
    for (const chunkSizes of [[1], [7], [1000]])
      expect(parse(text, ["I:SPX"], chunkSizes)).toEqual({
        blocks: [{ ticker: "I:SPX", bars: [bar(OPEN_MS, 2, { high: 4, low: 1, close: 3 })] }],
        summary: { ...NOTHING, rows: 1, bars: 1 },
      });
  });

  test("is not read for a word that stands in another field", () => {
    expect(parse(fileOf([row930], header), ["2024-11-22T14:30:00Z"]).blocks).toEqual([]);
  });
});

describe("the header", () => {
  test("alone is no day: the file was cut off, and must not erase one", () => {
    for (const text of [HEADER, `${HEADER}\n`, `${HEADER}\r\n`, `${HEADER}\n\r\n\n`, `\uFEFF${HEADER}`])
      for (const tickers of [["I:SPX"], "all"] as const)
        for (const size of [1, 100_000]) {
          const error = thrownBy(() => parse(text, tickers, [size]));
          expect(error.code).toBe("no-rows");
          expect(wordsOf(error)).toEqual({
            kind: "data",
            operation: `read the rows of ${DATE}`,
            reason: "there are none, only a header",
            nextStep: "Nothing was changed. The vendor may publish the day again; run again then.",
          });
        }
  });

  test("followed by the rows of others is a day without those of a ticker", () => {
    expect(parse(fileOf([row("I:NDX", 0, 5)]), ["I:SPX"])).toEqual({ blocks: [], summary: NOTHING });
  });

  test.each([
    ["", "it has no column ticker"],
    ["\n", "it has no column ticker"],
    [fileOf(rows("I:SPX", 2)).slice(HEADER.length + 1), "it has no column ticker"],
    ["ticker,open,close,high,window_start\n", "it has no column low"],
    ["ticker,open,close,high,low,low,window_start\n", "it names low twice"],
    ['{"status":"NOT_AUTHORIZED","message":"forbidden"}', "it has no column ticker"],
  ])("of %j refuses the file in chunks of any size", (text, reason) => {
    for (const size of [1, 10, 100_000]) {
      const error = thrownBy(() => parse(text, ["I:SPX"], [size]));
      expect([error.kind, error.code, error.reason]).toEqual(["data", "bad-header", reason]);
    }
  });

  test("is not looked for without end in one giant line", () => {
    const parser = new DayParser({ date: DATE, wanted: "all", onBlock() {} });
    const chunk = new Uint8Array(1024).fill(0x41);
    const error = thrownBy(() => {
      for (let turn = 0; turn < 10; turn++) parser.push(chunk);
    });
    expect(error.code).toBe("bad-header");
  });

  test("that goes on and on is refused in chunks of any size, even if it begins well", () => {
    const text = fileOf(rows("I:SPX", 2), `${HEADER},${"x".repeat(5000)}`);
    for (const size of [1, 1000, 100_000]) {
      const error = thrownBy(() => parse(text, ["I:SPX"], [size]));
      expect([error.code, error.reason]).toEqual(["bad-header", "it is longer than 4096 bytes"]);
    }
  });
});

test("a giant line among the rows refuses the file", () => {
  const parser = new DayParser({ date: DATE, wanted: new Set(["I:SPX"]), onBlock() {} });
  parser.push(new TextEncoder().encode(`${HEADER}\n`));
  const chunk = new Uint8Array(1 << 18).fill(0x41);
  const error = thrownBy(() => {
    for (let turn = 0; turn < 8; turn++) parser.push(chunk);
  });
  expect([error.kind, error.reason]).toEqual(["data", "a line is longer than 1 MB"]);
});
