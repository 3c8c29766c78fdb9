import { describe, expect, test } from "bun:test";
import { MINUTE_MS } from "../../src/core/bar.ts";
import type { Dataset } from "../../src/core/datasets.ts";
import { dateInZone, NEW_YORK, timeInZone, zonedTimeMs } from "../../src/core/dates.ts";
import {
  dayBarStartMs,
  dayWindows,
  windowEndMs,
  windowStartMs,
  type SessionKind,
} from "../../src/core/windows.ts";

/** The window of a New York minute, in New York's clock times. */
function windowOf(
  dataset: Dataset,
  kind: SessionKind,
  date: string,
  { time, minutes, zone = NEW_YORK }: { time: string; minutes: number; zone?: string },
): string {
  const windows = dayWindows(dataset, date, kind);
  if (windows === null) return "none";
  const minuteMs = zonedTimeMs(date, time, zone);
  if (minuteMs < windows.fromMs || minuteMs >= windows.toMs) return "outside";
  const startMs = windowStartMs(windows, minutes, minuteMs);
  return `${timeInZone(startMs, zone)}-${timeInZone(windowEndMs(windows, minutes, startMs), zone)}`;
}

function inSession(time: string, minutes: number, date = "2024-11-22"): string {
  return windowOf("stocks", "regular", date, { time, minutes });
}

function stampOf(dataset: Dataset, date: string, kind: SessionKind, zone = NEW_YORK): string {
  const startMs = dayBarStartMs(dataset, date, kind);
  return `${dateInZone(startMs, zone)} ${timeInZone(startMs, zone)}`;
}

describe("the windows of an exchange's session", () => {
  test("begin at its open", () => {
    expect([
      inSession("09:30", 60),
      inSession("10:29", 60),
      inSession("10:30", 60),
      inSession("09:44", 5),
      inSession("15:59", 30),
    ]).toEqual(["09:30-10:30", "09:30-10:30", "10:30-11:30", "09:40-09:45", "15:30-16:00"]);
  });
  test("end at its close, so that the last hour is a half one", () => {
    expect([
      inSession("15:30", 60),
      inSession("15:59", 60),
      inSession("16:00", 60),
      inSession("09:29", 60),
    ]).toEqual(["15:30-16:00", "15:30-16:00", "outside", "outside"]);
  });
  test("end early when it closes early, and are none on a holiday", () => {
    expect(inSession("12:59", 60, "2024-11-29")).toBe("12:30-13:00");
    expect(inSession("13:00", 60, "2024-11-29")).toBe("outside");
    expect(inSession("12:00", 60, "2024-11-28")).toBe("none");
  });
  test("follow New York's clock over the changes of March and November", () => {
    for (const date of ["2024-03-08", "2024-03-11", "2024-11-01", "2024-11-04"])
      expect(inSession("09:30", 15, date)).toBe("09:30-09:45");
  });
});

describe("all minutes of an exchange's day", () => {
  test("lie on the grid of its session", () => {
    const windows = ["04:00", "09:29", "09:30", "16:00", "19:59"].map((time) =>
      windowOf("stocks", "all", "2024-11-22", { time, minutes: 60 }),
    );
    expect(windows).toEqual(["03:30-04:30", "08:30-09:30", "09:30-10:30", "15:30-16:30", "19:30-20:30"]);
  });
  test("of an index end at each midnight at which the vendor may divide two days", () => {
    // Midnight in UTC is 19:00 in New York's winter, Chicago's is 01:00.
    const windows = ["18:45", "19:10", "23:45", "00:10", "00:45", "01:15"].map((time) =>
      windowOf("indices", "all", "2024-11-22", { time, minutes: 60 }),
    );
    expect(windows).toEqual([
      "18:30-19:00",
      "19:00-19:30",
      "23:30-00:00",
      "00:00-00:30",
      "00:30-01:00",
      "01:00-01:30",
    ]);
  });
});

test("every window of two dates' minutes belongs to one of them", () => {
  const anyZone = ["UTC", NEW_YORK, "America/Chicago"];
  const cuts = { stocks: [NEW_YORK], options: [NEW_YORK], indices: anyZone, forex: anyZone, crypto: ["UTC"] };
  for (const dataset of ["stocks", "options", "indices", "forex", "crypto"] as const)
    for (const cut of cuts[dataset]) {
      const [first, second] = ["2024-11-21", "2024-11-22"] as const;
      const cutMs = zonedTimeMs(second, "00:00", cut);
      const [before, after] = [dayWindows(dataset, first, "all"), dayWindows(dataset, second, "all")];
      if (before === null || after === null) throw new Error("no windows");
      for (const minutes of [5, 15, 30, 60])
        expect(windowStartMs(after, minutes, cutMs)).toBeGreaterThan(
          windowStartMs(before, minutes, cutMs - MINUTE_MS),
        );
    }
});

test("crypto and forex have days of their own, whatever session is asked for", () => {
  for (const kind of ["regular", "all"] as const) {
    const crypto = windowOf("crypto", kind, "2024-11-23", { time: "23:59", minutes: 60, zone: "UTC" });
    expect(crypto).toBe("23:00-00:00");
    expect(windowOf("forex", kind, "2024-11-24", { time: "17:20", minutes: 30 })).toBe("17:00-17:30");
  }
});

test("the bar of a day is stamped at the open of the session it is made from, or at midnight", () => {
  expect(stampOf("stocks", "2024-07-03", "regular")).toBe("2024-07-03 09:30");
  expect(stampOf("stocks", "2024-07-03", "all")).toBe("2024-07-03 00:00");
  expect(stampOf("indices", "2024-11-28", "all")).toBe("2024-11-28 00:00");
  expect(stampOf("crypto", "2024-11-23", "regular", "UTC")).toBe("2024-11-23 00:00");
  expect(stampOf("forex", "2024-11-24", "regular")).toBe("2024-11-24 17:00");
});
