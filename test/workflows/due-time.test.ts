import { describe, expect, test } from "bun:test";
import { addDays } from "../../src/core/dates.ts";
import { flatFileDueMs } from "../../src/core/publication.ts";
import { coverageDay } from "./coverage/one-day.ts";
import { factsOf } from "./planning/plan-facts.ts";
import { decideDay } from "../../src/workflows/planning/decide-day.ts";
import { recheckFrom } from "../../src/workflows/planning/recheck.ts";
import { parseSymbol } from "../../src/core/symbols.ts";

const BITCOIN = "X:BTC-USD";

/** Days before, of and after a change of New York's clocks, and when their files are due in UTC. */
const DUE_TIMES = [
  ["2024-11-01", "2024-11-02T15:00:00Z"],
  ["2024-11-02", "2024-11-03T16:00:00Z"],
  ["2024-11-03", "2024-11-04T16:00:00Z"],
  ["2025-03-07", "2025-03-08T16:00:00Z"],
  ["2025-03-08", "2025-03-09T15:00:00Z"],
  ["2025-03-09", "2025-03-10T15:00:00Z"],
  ["2024-12-31", "2025-01-01T16:00:00Z"],
] as const;

/** What a run at `nowMs` does about a day if the listing cannot be read. */
function blindActionAt(date: string, nowMs: number): string {
  const now = new Date(nowMs).toISOString();
  const facts = factsOf({ symbols: [BITCOIN], from: date, now, api: true, listing: "unreadable" });
  return decideDay(facts, parseSymbol(BITCOIN), date).action;
}

/** What status says of a day that nothing is known of. */
function stateAt(date: string, nowMs: number): string {
  const unknown = { dataset: "crypto", batch: null, allTickersRead: false, problem: null } as const;
  return coverageDay({ ...unknown, date, nowMs, synced: false }).state;
}

describe.each(DUE_TIMES)("the file of %s, due at %s", (date, due) => {
  const dueMs = Date.parse(due);

  test("is due at 11:00 in New York", () => {
    expect(flatFileDueMs(date)).toBe(dueMs);
  });

  test("is pending for status until that moment, and missing from then on", () => {
    expect([stateAt(date, dueMs - 1), stateAt(date, dueMs)]).toEqual(["pending", "missing"]);
  });

  test("is one of those that are listed again from that moment on", () => {
    expect(recheckFrom("crypto", dueMs - 1, 1)).toBe(addDays(date, -1));
    expect(recheckFrom("crypto", dueMs, 1)).toBe(date);
  });

  test("is left to the API until that moment if nobody can tell whether it is there", () => {
    expect([blindActionAt(date, dueMs - 1), blindActionAt(date, dueMs)]).toEqual(["ask API", "miss"]);
  });
});
