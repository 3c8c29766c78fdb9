import { expect, test } from "bun:test";
import { newYorkDate } from "../../src/core/dates.ts";
import { dayIsOverMs, eveningMs, flatFileDueMs } from "../../src/core/publication.ts";

test("a day's flat file is due at 11:00 in New York on the next day, in winter and in summer", () => {
  expect(flatFileDueMs("2024-11-22")).toBe(Date.UTC(2024, 10, 23, 16));
  expect(flatFileDueMs("2024-07-01")).toBe(Date.UTC(2024, 6, 2, 15));
  expect(flatFileDueMs("2024-11-02")).toBe(Date.UTC(2024, 10, 3, 16));
});

test("a day has reached every plan a quarter of an hour after its last minute", () => {
  const eightInTheEveningMs = Date.UTC(2024, 10, 23, 1);
  for (const dataset of ["indices", "stocks", "options"] as const)
    expect([dataset, dayIsOverMs(dataset, "2024-11-22")]).toEqual([dataset, eightInTheEveningMs + 900_000]);
  expect(dayIsOverMs("crypto", "2024-11-22")).toBe(Date.UTC(2024, 10, 23, 0, 15));
  expect(dayIsOverMs("forex", "2024-11-22")).toBe(Date.UTC(2024, 10, 23, 5, 15));
});

test("the evening that --today stands for comes after the end of that day's trading, on that day", () => {
  const evening = eveningMs("2024-11-22");
  expect(newYorkDate(evening)).toBe("2024-11-22");
  expect(evening).toBe(Date.UTC(2024, 10, 23, 2));
  expect(evening).toBeGreaterThan(dayIsOverMs("stocks", "2024-11-22"));
});
