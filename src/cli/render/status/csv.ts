import Papa from "papaparse";
import type { Gap } from "../../../workflows/coverage/gaps.ts";
import type { Status } from "../../../workflows/coverage/status.ts";
import type { Again } from "../invocation.ts";
import { gapCommand } from "./gaps.ts";

const LINES: Papa.UnparseConfig = { newline: "\n" };

/** The coverage as CSV in pieces, a row for each symbol and day. */
export function* statusCsv({ symbols }: Status): Generator<string> {
  const header = true;
  for (const [place, coverage] of symbols.entries()) {
    const rows = coverage.days.map((_, index) => {
      const { missing, ...day } = coverage.day(index);
      const { dataset, ticker, symbol } = coverage;
      const minutes = missing.map(({ from, to }) => `${from}-${to}`).join(" ");
      return { symbol, ticker, dataset, ...day, missing: minutes };
    });
    if (rows.length > 0) yield `${Papa.unparse(rows, { ...LINES, header: header && place === 0 })}\n`;
  }
}

/** The gaps as CSV, a row for each range. */
export function gapsCsv(ranges: readonly Gap[], again: Again): string {
  const fields = ["symbol", "ticker", "dataset", "from", "to", "days", "kind", "source", "cause", "command"];
  const data = ranges.map((gap) => ({ ...gap, command: gapCommand(gap, again) }));
  return `${Papa.unparse({ fields, data: data.map((gap) => fields.map((field) => Reflect.get(gap, field))) }, LINES)}\n`;
}
