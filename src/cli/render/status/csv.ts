import Papa from "papaparse";
import type { Gap } from "../../../workflows/coverage/gaps.ts";
import type { Status } from "../../../workflows/coverage/status.ts";
import type { Again } from "../invocation.ts";
import { gapCommand } from "./gaps.ts";

const LINES: Papa.UnparseConfig = { newline: "\n" };

const DAY_FIELDS =
  "symbol ticker dataset date state source bars expected synced delayed usual note missing".split(" ");

/** The coverage as CSV in pieces: a header, then a row for each symbol and day. */
export function* statusCsv({ symbols }: Status): Generator<string> {
  yield `${DAY_FIELDS.join(",")}\n`;
  for (const coverage of symbols) {
    const { dataset, ticker, symbol } = coverage;
    const data = coverage.days.map((_, index) => {
      const { missing, ...day } = coverage.day(index);
      const minutes = missing.map(({ from, to }) => `${from}-${to}`).join(" ");
      return valuesOf({ symbol, ticker, dataset, ...day, missing: minutes }, DAY_FIELDS);
    });
    if (data.length > 0) yield `${Papa.unparse(data, LINES)}\n`;
  }
}

function valuesOf(row: object, fields: readonly string[]): unknown[] {
  return fields.map((field) => Reflect.get(row, field));
}

/** The gaps as CSV, a row for each range. */
export function gapsCsv(ranges: readonly Gap[], again: Again): string {
  const fields = ["symbol", "ticker", "dataset", "from", "to", "days", "kind", "source", "cause", "command"];
  const data = ranges.map((gap) => valuesOf({ ...gap, command: gapCommand(gap, again) }, fields));
  return `${Papa.unparse({ fields, data }, LINES)}
`;
}
