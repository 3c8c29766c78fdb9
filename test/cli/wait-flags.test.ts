import { describe, expect, test } from "bun:test";
import { waitOptions } from "../../src/cli/wait-flags.ts";
import { thrownBy } from "../support/thrown.ts";

/** 10:00 in New York. */
const TEN_MS = Date.parse("2024-11-26T10:00:00-05:00");

function untilOn(now: string, until: string): number {
  return waitOptions({ wait: true, until }, Date.parse(now))?.untilMs ?? Number.NaN;
}

describe("--wait", () => {
  test("waits until half past eleven of the day in New York, and looks every minute", () => {
    expect(waitOptions({ wait: true }, TEN_MS)).toMatchObject({
      untilMs: Date.parse("2024-11-26T11:30:00-05:00"),
      pollMs: 60_000,
    });
    // It is Monday evening still.
    expect(waitOptions({ wait: true }, Date.parse("2024-11-26T04:00:00Z"))?.untilMs).toBe(
      Date.parse("2024-11-25T11:30:00-05:00"),
    );
  });

  test("waits as it is told, in summer time too", () => {
    const flags = { wait: true, until: "09:05", poll: "5" };
    expect(waitOptions(flags, Date.parse("2024-07-02T08:00:00-04:00"))).toMatchObject({
      untilMs: Date.parse("2024-07-02T09:05:00-04:00"),
      pollMs: 5000,
    });
  });

  test("waits until the right moment on days when the clocks change", () => {
    // Half past eleven is an hour later, or earlier, after midnight than on other days.
    expect(untilOn("2024-11-03T00:30:00-04:00", "11:30")).toBe(Date.parse("2024-11-03T16:30:00Z"));
    expect(untilOn("2025-03-09T00:30:00-05:00", "11:30")).toBe(Date.parse("2025-03-09T15:30:00Z"));
    // No clock shows half past two: it is then half past three.
    expect(untilOn("2025-03-09T00:30:00-05:00", "02:30")).toBe(Date.parse("2025-03-09T07:30:00Z"));
  });

  test("is what --until and --poll are about", () => {
    expect(waitOptions({}, TEN_MS)).toBeNull();
    expect(thrownBy(() => waitOptions({ until: "11:30" }, TEN_MS)).message).toBe(
      "read --until: nothing waits",
    );
    expect(thrownBy(() => waitOptions({ poll: "5" }, TEN_MS)).message).toBe("read --poll: nothing waits");
  });

  test.each([
    [{ until: "24:00" }, '"24:00" is not a time'],
    [{ until: "11.30" }, '"11.30" is not a time'],
    [{ until: "9:05" }, '"9:05" is not a time'],
    [{ poll: "0" }, '"0" is not a whole number from 1 to 3600'],
    [{ poll: "3601" }, '"3601" is not a whole number from 1 to 3600'],
    [{ today: "2024-11-22" }, "--today is given too, and the past does not change"],
  ])("refuses %p", (flags, reason) => {
    const error = thrownBy(() => waitOptions({ wait: true, ...flags }, TEN_MS));
    expect(error).toMatchObject({ kind: "usage", reason });
  });
});
