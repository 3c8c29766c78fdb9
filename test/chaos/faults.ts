import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import type { FaultRule } from "../../src/sandbox/faults.ts";
import type { Draw } from "./draw.ts";

const FILE = /\.csv\.gz/;
const LISTING = /list-type=2/;
const PAGE = /^\/v2\/aggs\//;

/** What networks and the vendor's servers do, each for one request. */
const PASSING_FAULTS: readonly [FaultRule, ...FaultRule[]] = [
  { match: FILE, fault: { kind: "reset" } },
  { match: FILE, fault: { kind: "reset", afterBytes: 20_000 } },
  { match: FILE, fault: { kind: "short", afterBytes: 30_000 } },
  { match: FILE, fault: { kind: "flip", atByte: 5_000 } },
  { match: FILE, fault: { kind: "answer", answer: FAULT_ANSWERS.slowDown() } },
  { match: FILE, fault: { kind: "answer", answer: FAULT_ANSWERS.throttle403() } },
  { match: FILE, fault: { kind: "slow", bytesPerSecond: 200_000 } },
  { match: LISTING, fault: { kind: "answer", answer: FAULT_ANSWERS.internalError() } },
  { match: LISTING, fault: { kind: "reset" } },
  { match: PAGE, fault: { kind: "reset" } },
  { match: PAGE, fault: { kind: "cut-json" } },
  { match: PAGE, fault: { kind: "answer", answer: FAULT_ANSWERS.restInternalError() } },
  { match: PAGE, fault: { kind: "duplicate-bars" } },
];

/** The server falls silent in the middle of a body; noticed after seconds, so only runs that are killed meet it. */
const SILENCE: FaultRule = { match: FILE, fault: { kind: "stall", afterBytes: 40_000 } };

/**
 * A run asks first for single bytes of some files, to see what the plan has: a fault that struck only these would never
 * meet a body.
 */
const QUESTIONS = 4;
const MORE_REQUESTS = 8;

/** Up to three faults for one run. */
export function addFaults({ faults }: Sandbox, draw: Draw, willBeKilled: boolean): void {
  faults.clear();
  for (let count = draw.below(4); count > 0; count--) faults.add(later(draw.oneOf(PASSING_FAULTS), draw));
  if (willBeKilled && draw.percent(25)) faults.add(later(SILENCE, draw));
}

function later(rule: FaultRule, draw: Draw): FaultRule {
  return rule.match === FILE ? { ...rule, skip: QUESTIONS + draw.below(MORE_REQUESTS) } : rule;
}
