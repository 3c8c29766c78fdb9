import { describe, expect, test } from "bun:test";
import { deciCents, decimalText } from "../../src/formats/lean/decimal-text.ts";
import { leanLines } from "../../src/formats/lean/lean-lines.ts";
import { leanPlace } from "../../src/formats/lean/lean-place.ts";
import { bar } from "../support/bars.ts";

const MIDNIGHT_MS = Date.parse("2016-02-18T00:00:00-05:00");
const OPEN_MS = MIDNIGHT_MS + 34_200_000;
/** The bar of Lean's own tests: open 1, high 2, low 3, close 4, volume 5 at 09:30. */
const BAR = bar(OPEN_MS, 1, { high: 2, low: 3, close: 4, volume: 5 });

describe("Lean's lines", () => {
  test("are those that Lean's own tests expect (Tests/Common/Util/LeanDataTests.cs)", () => {
    expect(leanLines("scaled", [BAR], MIDNIGHT_MS)).toBe("34200000,10000,20000,30000,40000,5\n");
    expect(leanLines("plain", [BAR], MIDNIGHT_MS)).toBe("34200000,1,2,3,4,5\n");
    expect(leanLines("quote", [BAR], MIDNIGHT_MS)).toBe("34200000,1,2,3,4,0,1,2,3,4,0\n");
  });

  test("have the first line of the index that comes with Lean (20210104_spx_minute_trade.csv)", () => {
    const chicagoMs = Date.parse("2021-01-04T00:00:00-06:00");
    const prices = { high: 3769.99, low: 3764.61, close: 3766.63, volume: 59 };
    const first = bar(Date.parse("2021-01-04T09:30:00-05:00"), 3764.61, prices);
    expect(leanPlace("indices", "I:SPX")?.timeZone).toBe("America/Chicago");
    expect(leanLines("plain", [first], chicagoMs)).toBe("30600000,3764.61,3769.99,3764.61,3766.63,59\n");
  });

  test("have a volume of 0 where there is none, one line a bar", () => {
    const bars = [bar(OPEN_MS, 644.8), bar(OPEN_MS + 60_000, 0.5)];
    expect(leanLines("scaled", bars, MIDNIGHT_MS)).toBe(
      "34200000,6448000,6448000,6448000,6448000,0\n34260000,5000,5000,5000,5000,0\n",
    );
  });
});

describe("numbers for Lean", () => {
  test("have no exponent", () => {
    expect([1e-7, 1.25e-9, -3e-8, 1e21, 1.5e22, 0, 12.5].map(decimalText)).toEqual([
      "0.0000001",
      "0.00000000125",
      "-0.00000003",
      "1000000000000000000000",
      "15000000000000000000000",
      "0",
      "12.5",
    ]);
  });

  test("are whole deci-cents, and exact below them", () => {
    expect([229.87, 0.0001, 1.005, 4532.1, 0.00012, 123456.7891].map(deciCents)).toEqual([
      "2298700",
      "1",
      "10050",
      "45321000",
      "1.2",
      "1234567891",
    ]);
  });
});

const pathOf = (...named: Parameters<typeof leanPlace>) => {
  const place = leanPlace(...named);
  return place && [`${place.folder}/20160217${place.zipSuffix}`, `20160217${place.entrySuffix}`];
};

describe("Lean's places", () => {
  test("are those that Lean's own tests expect", () => {
    expect(pathOf("stocks", "SPY")).toEqual([
      "equity/usa/minute/spy/20160217_trade.zip",
      "20160217_spy_minute_trade.csv",
    ]);
    expect(pathOf("options", "O:SPY160219P00192000")).toEqual([
      "option/usa/minute/spy/20160217_trade_american.zip",
      "20160217_spy_minute_trade_american_put_1920000_20160219.csv",
    ]);
    expect(pathOf("forex", "C:EUR-USD", "fxcm")).toEqual([
      "forex/fxcm/minute/eurusd/20160217_quote.zip",
      "20160217_eurusd_minute_quote.csv",
    ]);
    expect(pathOf("crypto", "X:BTC-USD", "gdax")).toEqual([
      "crypto/gdax/minute/btcusd/20160217_trade.zip",
      "20160217_btcusd_minute_trade.csv",
    ]);
  });

  test("are European for options of an index, under their own root", () => {
    expect(pathOf("options", "O:SPXW210106P03700000")).toEqual([
      "indexoption/usa/minute/spxw/20160217_trade_european.zip",
      "20160217_spxw_minute_trade_european_put_37000000_20210106.csv",
    ]);
  });

  test("have the markets of Lean's data unless another is named", () => {
    expect(leanPlace("crypto", "X:BTC-USD")?.folder).toBe("crypto/coinbase/minute/btcusd");
    expect(leanPlace("forex", "C:EUR-USD")?.folder).toBe("forex/oanda/minute/eurusd");
    expect(leanPlace("indices", "I:NDX", "binance")).toEqual({
      folder: "index/usa/minute/ndx",
      zipSuffix: "_trade.zip",
      entrySuffix: "_ndx_minute_trade.csv",
      timeZone: "America/New_York",
      lines: "plain",
    });
  });

  test("are none for names that are no file's, or no option's", () => {
    const names = ["..", ".", "A/B", "A\\B", "A..B", "A.", "%2E", "", "A B"];
    expect(names.map((name) => leanPlace("stocks", name))).toEqual(names.map(() => null));
    expect(leanPlace("options", "O:../../X241220C00500000")).toBeNull();
    expect(leanPlace("stocks", "BRK.B")?.folder).toBe("equity/usa/minute/brk.b");
  });
});
