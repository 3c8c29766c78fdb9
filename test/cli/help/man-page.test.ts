import { expect, test } from "bun:test";
import type { Command } from "../../../src/cli/command.ts";
import { manPage } from "../../../src/cli/help/man-page.ts";

const COMMAND: Command = {
  name: "weigh",
  summary: "Weigh bars",
  flags: {
    "by-hand": { type: "boolean", alias: "b", description: `don't "measure"` },
    unit: { type: "string", valueHint: "UNIT", description: ".oz or kg\\lb" },
  },
  examples: ["weigh --unit='*'"],
  run: async () => 0,
};

test("the manual page of a command has its flags and examples, written so that roff reads text and no requests", () => {
  const page = manPage([COMMAND], "1.2.3");
  expect(page).toStartWith(
    String.raw`.TH MASSIVE-BACKFILL 1 "" "massive\-backfill 1.2.3" "User Commands"
.SH NAME
massive\-backfill \- bring 1\-minute bars from`,
  );
  expect(page).toContain(String.raw`.SS "massive\-backfill weigh [flags]"
Weigh bars.
.TP
\fB\-b, \-\-by\-hand\fR
don\(aqt \(dqmeasure\(dq
.TP
\fB\-\-unit=UNIT\fR
\&.oz or kg\elb
.PP
Examples:
.PP
.nf
    massive\-backfill weigh \-\-unit=\(aq*\(aq
.fi
`);
  const macros = page
    .split("\n")
    .filter((line) => line.startsWith("."))
    .map((line) => line.replace(/ .*/, ""));
  expect([...new Set(macros)].toSorted()).toEqual([
    ".B",
    ".I",
    ".PP",
    ".SH",
    ".SS",
    ".TH",
    ".TP",
    ".fi",
    ".nf",
  ]);
});
