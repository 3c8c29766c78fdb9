import { describe, expect, test } from "bun:test";
import type { RejectReason } from "../../src/csv/row.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { fileOf, NOTHING, OPEN_MS, parse, row, rows } from "../support/index-file.ts";
import { parseText } from "../support/parse-text.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("rows that are no bar of the day", () => {
  const good = rows("I:SPX", 200);

  test.each<[reason: RejectReason, bad: string]>([
    ["field count", "I:SPX,1,1,1,1"],
    ["field count", `${row("I:SPX", 300, 1)},1`],
    ["not a number", row("I:SPX", 300, "0x10")],
    ["not a number", row("I:SPX", 300, "Infinity")],
    ["not a number", row("I:SPX", 300, " 1")],
    ["not a number", row("I:SPX", 300, "")],
    ["high or low not around open and close", "I:SPX,2,2,1,2,1732285800000000000"],
    ["not a stamp", "I:SPX,1,1,1,1,-68400000000000"],
    ["not a whole minute", "I:SPX,1,1,1,1,1732285801000000000"],
    ["date of another day", "I:SPX,1,1,1,1,1732372200000000000"],
  ])("are counted and kept as text: %s", (reason, bad) => {
    expect(parse(fileOf([...good, bad])).summary).toEqual({
      ...NOTHING,
      rows: 201,
      bars: 200,
      rejected: { [reason]: 1 },
      rejectedRows: 1,
      rejectedSamples: [{ reason, lineNumber: 202, text: bad }],
    });
  });

  test("a negative volume is one of them", () => {
    const stamp = BigInt(OPEN_MS) * 1_000_000n;
    const stocks = (volume: string, minute: bigint) =>
      `A,${volume},1,1,1,1,${stamp + minute * 60_000_000_000n},1`;
    const lines = Array.from({ length: 100 }, (_, minute) =>
      stocks(minute === 5 ? "-1" : "1", BigInt(minute)),
    );
    const text = fileOf(lines, "ticker,volume,open,close,high,low,window_start,transactions");
    const { rejected, rejectedRows, bars } = parse(text, ["A"]).summary;
    expect({ rejected, rejectedRows, bars }).toEqual({
      rejected: { "negative volume": 1 },
      rejectedRows: 1,
      bars: 99,
    });
  });

  test("are of no interest if the ticker is not wanted", () => {
    const text = fileOf([...rows("I:SPX", 3), row("I:VIX", 0, "x"), "I:VIX", "I:VIX,,,,,,,,", ""]);
    expect(parse(text).summary).toEqual({ ...NOTHING, rows: 3, bars: 3 });
  });

  test("without a ticker are counted with 'all'", () => {
    const text = fileOf([...good, row("", 0, 1)]);
    const { rejected, rows: read } = parse(text, "all").summary;
    expect({ rejected, read }).toEqual({ rejected: { "field count": 1 }, read: 201 });
  });

  test("are counted by reason", () => {
    const text = fileOf([
      ...good,
      ...rows("I:NDX", 390),
      row("I:NDX", 1, "x"),
      "I:NDX,1,1",
      row("I:NDX", 2, "y"),
      row("I:NDX", 0, 7),
    ]);
    const { rejected, rejectedRows } = parse(text, ["I:SPX", "I:NDX"]).summary;
    expect({ rejected, rejectedRows }).toEqual({
      rejected: { "not a number": 2, "field count": 1, "contradicts an earlier row of the same minute": 1 },
      rejectedRows: 4,
    });
  });

  test("a stray quote costs its own line only, in chunks of every size", () => {
    const stray = 'I:SPX,"1,1,1,1,1732285800000000000';
    const text = fileOf([...rows("I:SPX", 150), stray, ...rows("I:NDX", 150)]);
    const whole = parse(text, ["I:SPX", "I:NDX"]);
    expect(whole.summary).toMatchObject({ rows: 301, bars: 300, rejected: { "field count": 1 } });
    for (const size of [1, 10, 64, 1000, 5000])
      expect(parse(text, ["I:SPX", "I:NDX"], [size])).toEqual(whole);
  });

  test("a byte order mark among the rows belongs to its ticker, in chunks of every size", () => {
    const text = fileOf([row("I:SPX", 0, 1), `\uFEFF${row("I:SPX", 1, 2)}`]);
    for (const size of [1, 10, 1000])
      expect(parse(text, "all", [size]).blocks.map(({ ticker }) => ticker)).toEqual(["I:SPX", "\uFEFFI:SPX"]);
  });

  test("a row of a ticker alone is rejected whatever its line end", () => {
    for (const lineEnd of ["\n", "\r\n"]) {
      const text = fileOf([...good, "I:SPX"]).replaceAll("\n", lineEnd);
      expect(parse(text).summary).toMatchObject({ rows: 201, rejected: { "field count": 1 } });
    }
  });

  test("are kept as samples in bounded number and length", () => {
    const bad = Array.from({ length: 150 }, (_, minute) =>
      row("I:SPX", minute, `${"x".repeat(600)}${minute}`),
    );
    const text = fileOf([...bad, ...Array.from({ length: 40 }, (_, at) => rows(`I:${at}`, 390)).flat()]);
    const { rejectedRows, rejectedSamples } = parse(text, "all").summary;
    expect(rejectedRows).toBe(150);
    expect(rejectedSamples).toHaveLength(100);
    expect(new Set(rejectedSamples.map((sample) => sample.text.length))).toEqual(new Set([500]));
  });
});

describe("rows that come twice", () => {
  test("count as duplicates and do no harm", () => {
    const lines = rows("I:SPX", 10);
    expect(parse(fileOf([...lines, ...lines]))).toEqual({
      blocks: [{ ticker: "I:SPX", bars: barsFrom(OPEN_MS, Array<number>(10).fill(1)) }],
      summary: { ...NOTHING, rows: 20, bars: 10, duplicates: 10 },
    });
  });

  test("are rejected if they contradict the first", () => {
    const text = fileOf([...rows("I:SPX", 99), row("I:SPX", 5, 2)]);
    const { blocks, summary } = parse(text);
    expect(blocks).toEqual([{ ticker: "I:SPX", bars: barsFrom(OPEN_MS, Array<number>(99).fill(1)) }]);
    expect(summary).toEqual({
      ...NOTHING,
      rows: 100,
      bars: 99,
      rejected: { "contradicts an earlier row of the same minute": 1 },
      rejectedRows: 1,
      rejectedSamples: [
        {
          reason: "contradicts an earlier row of the same minute",
          lineNumber: 101,
          text: `I:SPX ${JSON.stringify(bar(OPEN_MS + 5 * 60_000, 2))}`,
        },
      ],
    });
  });
});

test("a row that contradicts another is told by its line wherever its block was cut, in chunks of every size", () => {
  const lines = [
    ...rows("I:NDX", 3),
    ...rows("I:SPX", 120),
    row("I:SPX", 7, 2),
    ...rows("I:SPX", 300).slice(120),
  ];
  const text = fileOf([...lines, ...rows("I:VIX", 50)]);
  for (const wanted of [["I:SPX"], ["I:VIX", "I:SPX"], "all"] as const)
    for (const size of [1, 50, 77, 400, 3000, 100_000]) {
      const { rejectedSamples } = parse(text, wanted, [size]).summary;
      expect([size, rejectedSamples.map(({ lineNumber }) => lineNumber)]).toEqual([size, [125]]);
    }
});

describe("the 1 % rule", () => {
  test("lets one bad row of 100 pass", () => {
    const text = fileOf([...rows("I:SPX", 99), "I:SPX,1"]);
    expect(parse(text).summary).toMatchObject({ rows: 100, bars: 99, rejectedRows: 1 });
  });

  test("refuses the file for one bad row of 99", () => {
    const error = thrownBy(() => parse(fileOf([...rows("I:SPX", 98), "I:SPX,1"])));
    expect({ ...wordsOf(error), code: error.code }).toEqual({
      kind: "data",
      code: "bad-rows",
      operation: "read the rows of 2024-11-22",
      reason: "1 of 99 wanted rows are bad (1 × field count), first: I:SPX,1",
      nextStep: "Nothing of this file was kept. The vendor may publish the day again; run again then.",
    });
  });

  test("looks at wanted rows only", () => {
    const text = fileOf([...rows("I:NDX", 390), row("I:SPX", 0, "x")]);
    expect(parse(text, ["I:NDX"]).summary).toEqual({ ...NOTHING, rows: 390, bars: 390 });
    expect(thrownBy(() => parse(text, ["I:SPX"])).reason).toStartWith("1 of 1 wanted rows are bad");
    expect(parse(text, "all").summary.rejectedRows).toBe(1);
  });

  test("counts contradictions as bad rows", () => {
    const text = fileOf([...rows("I:SPX", 50), row("I:SPX", 0, 2)]);
    expect(thrownBy(() => parse(text)).reason).toStartWith(
      "1 of 51 wanted rows are bad (1 × contradicts an earlier row of the same minute), first: I:SPX {",
    );
  });

  test("refuses a day whose every row carries a bad stamp or another date", () => {
    const negative = rows("I:SPX", 5).map((line) => line.replace(/\d{19}$/, "-68400000000000"));
    expect(thrownBy(() => parse(fileOf(negative))).reason).toStartWith(
      "5 of 5 wanted rows are bad (5 × not a stamp)",
    );
    const ofNextDay = fileOf(rows("I:SPX", 5));
    expect(
      thrownBy(() => parseText(ofNextDay, { date: "2024-11-21", wanted: ["I:SPX"] })).reason,
    ).toStartWith("5 of 5 wanted rows are bad (5 × date of another day)");
  });
});
