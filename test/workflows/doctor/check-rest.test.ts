import { expect, test } from "bun:test";
import { parseSymbols } from "../../../src/core/symbols.ts";
import { FAULT_ANSWERS } from "../../../src/sandbox/faults.ts";
import { checkRest } from "../../../src/workflows/doctor/check-rest.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { lookAlike } from "../../support/truth.ts";
import { linesOf, vendorContext } from "./vendor-context.ts";

const TODAY = "2024-11-22";
const CALENDAR_NOT_ASKED =
  "green calendar: has the exchange's rules built in; what it has announced since was not asked for";

test("an API that refuses every request for now is yellow: its limit, and how to keep to it", async () => {
  using place = tempCache();
  await using vendor = await lookAlike(TODAY);
  const answer = FAULT_ANSWERS.tooManyRequests(1);
  vendor.sandbox.faults.add({ match: /marketstatus/, times: Infinity, fault: { kind: "answer", answer } });
  const [key, ...others] = await checkRest(vendorContext(place, vendor.sandbox), parseSymbols([]));
  expect({ name: key?.name, state: key?.state, fix: key?.fix }).toEqual({
    name: "API key",
    state: "yellow",
    fix: "Wait a minute; give hybrid --rpm=5, the limit of Basic plans.",
  });
  expect(linesOf(others)).toEqual([CALENDAR_NOT_ASKED]);
});

test("an API that wants us to wait longer than a doctor does is yellow too", async () => {
  using place = tempCache();
  await using vendor = await lookAlike(TODAY);
  const answer = FAULT_ANSWERS.tooManyRequests(60);
  vendor.sandbox.faults.add({ match: /marketstatus/, times: Infinity, fault: { kind: "answer", answer } });
  const [key] = await checkRest(vendorContext(place, vendor.sandbox), parseSymbols([]), 300);
  expect(linesOf(key === undefined ? [] : [key])).toEqual([
    "yellow API key: the API takes no more requests for now → Wait a minute; give hybrid --rpm=5, the limit of Basic plans.",
  ]);
});

test("answers that come too slowly speak against no key", async () => {
  using place = tempCache();
  await using vendor = await lookAlike(TODAY);
  vendor.sandbox.faults.add({ match: /marketstatus/, times: Infinity, fault: { kind: "stall" } });
  const [key] = await checkRest(vendorContext(place, vendor.sandbox), parseSymbols([]), 300);
  expect([key?.state, key?.found]).toEqual(["yellow", "the answers came too slowly to look any further"]);
});

test("a symbol that the plan lacks is yellow, one that the vendor does not know too", async () => {
  using place = tempCache();
  await using vendor = await lookAlike(TODAY, { rest: { tickers: ["AAPL", "I:NONE"] } });
  const selection = parseSymbols(["I:SPX", "AAPL", "X:BTC-USD"]);
  const findings = await checkRest(vendorContext(place, vendor.sandbox), selection);
  expect(findings.map(({ name, state }) => `${state} ${name}`)).toEqual([
    "green API key",
    "yellow API for indices",
    "green API for stocks",
    "yellow API for crypto",
    "green calendar",
  ]);
  const unknown = await checkRest(vendorContext(place, vendor.sandbox), parseSymbols(["I:NONE"]));
  expect(linesOf(unknown)).toContain(
    "yellow API for indices: has no bars of I:NONE in the last 7 days → Check the ticker; case matters.",
  );
});
