import { describe, expect, test } from "bun:test";
import { DATASETS } from "../../src/core/datasets.ts";
import { dateOfKey, flatFileKey, monthPrefix } from "../../src/massive/flat-file-keys.ts";

const DATE = "2024-11-22";

test("a key is made of the dataset's prefix and the date, as the vendor publishes it", () => {
  expect(DATASETS.map((dataset) => flatFileKey(dataset, DATE))).toEqual([
    "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "us_stocks_sip/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "us_options_opra/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "global_crypto/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    "global_forex/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
  ]);
});

test("the keys of a month share a prefix", () => {
  expect(monthPrefix("stocks", "2003-09")).toBe("us_stocks_sip/minute_aggs_v1/2003/09/");
});

describe("dateOfKey", () => {
  test("reads the date of every key that flatFileKey makes", () => {
    expect(DATASETS.map((dataset) => dateOfKey(dataset, flatFileKey(dataset, DATE)))).toEqual(
      DATASETS.map(() => DATE),
    );
  });

  test.each([
    ["another dataset", "us_stocks_sip/minute_aggs_v1/2024/11/2024-11-22.csv.gz"],
    ["another kind of file", "us_indices/day_aggs_v1/2024/11/2024-11-22.csv.gz"],
    ["the folder of another month", "us_indices/minute_aggs_v1/2024/10/2024-11-22.csv.gz"],
    ["the folder of another year", "us_indices/minute_aggs_v1/2023/11/2024-11-22.csv.gz"],
    ["no such date", "us_indices/minute_aggs_v1/2024/11/2024-11-31.csv.gz"],
    ["a way up", "us_indices/minute_aggs_v1/2024/11/../11/2024-11-22.csv.gz"],
    ["something before the prefix", "/us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz"],
    ["another extension", "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv"],
    ["something after the extension", "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz.part"],
    ["the folder itself", "us_indices/minute_aggs_v1/2024/11/"],
    ["nothing", ""],
  ])("is null for %s", (_, key) => {
    expect(dateOfKey("indices", key)).toBeNull();
  });
});
