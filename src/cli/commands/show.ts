import { datesBetween } from "../../core/dates.ts";
import { parseSymbol, type TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE, timeframesNamed, DERIVED_TIMEFRAMES } from "../../core/timeframes.ts";
import { sessionMinutes } from "../../core/sessions.ts";
import { knownSymbols } from "../../cache/symbols.ts";
import { chart } from "../../workflows/chart/chart.ts";
import { lastDayWithBars } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  dateFlag,
  datasetFlag,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  textFlag,
  usage,
  type DateRange,
  type FlagValues,
} from "../flags.ts";
import { showText } from "../render/show/text.ts";
import { requireCache } from "../require-cache.ts";
import { printResult, readInvocation, withReading } from "../run.ts";

const LABEL_COLUMNS = 14;

export const showCommand: Command = {
  name: "show",
  summary: "Draw the bars of a symbol in the terminal: a day, or a range",
  flags: {
    date: {
      type: "string",
      description: "the day; default: the last one with bars",
      valueHint: "YYYY-MM-DD",
    },
    timeframe: {
      type: "string",
      description: "1m, 5m, 15m, 30m, 1h or 1d; default: the finest that fits the terminal",
      valueHint: "NAME",
    },
    dataset: {
      type: "string",
      description: "dataset of the symbol, if its name does not say it",
      valueHint: "NAME",
    },
    ...RANGE_FLAGS,
    ...COMMON_FLAGS,
  },
  operand: { name: "symbol", values: null, example: "SPX --date=2024-11-22" },
  examples: [
    "show SPX",
    "show SPX --date=2024-11-22",
    "show AAPL --days=90 --timeframe=1d",
    "show X:BTC-USD --date=2024-11-22 --timeframe=1h --json",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const { dataDir } = invocation.settings;
    const name = [flags["_"]].flat().find((word) => typeof word === "string") ?? "";
    const timeframe = timeframeFlag(flags);
    requireCache(dataDir, "show");
    return withReading(flags, io, invocation, async ({ cache }) => {
      const symbol = symbolNamed(cache, name, flags);
      const range = daysShown(cache, symbol, flags, invocation.today);
      const timeframeMinutes = timeframe ?? fitting(symbol, range, io.terminal.columns - LABEL_COLUMNS);
      const shown = chart(cache, { symbol, timeframeMinutes, ...range, nowMs: invocation.nowMs });
      printResult(flags, io, { command: "show", ...shown }, () => showText(shown, io.terminal));
      return EXIT_CODES.ok.code;
    });
  },
};

/** The symbol of a name: the one of the cache that has it, since only that can be shown. */
function symbolNamed(cache: Cache, name: string, flags: FlagValues): TrackedSymbol {
  const dataset = datasetFlag(flags);
  const named = knownSymbols(cache).find((known) => known.symbol === name);
  return dataset === undefined && named !== undefined ? named : parseSymbol(name, dataset);
}

function timeframeFlag(flags: FlagValues): number | undefined {
  const text = textFlag(flags, "timeframe");
  return text === undefined ? undefined : timeframesNamed([text], "timeframe")[0];
}

function daysShown(cache: Cache, symbol: TrackedSymbol, flags: FlagValues, today: string): DateRange {
  const date = dateFlag(flags, "date");
  if (date !== undefined && hasRange(flags))
    throw usage("date", "a range is given too", "Give --date, or --days, or --from and --to.");
  if (date !== undefined) return { from: date, to: date };
  if (hasRange(flags)) return rangeFlags(flags, today, 0);
  const last = lastDayWithBars(cache, symbol) ?? today;
  return { from: last, to: last };
}

/** The finest timeframe of which the sessions of the range fit into so many columns; 1d if none does. */
function fitting({ dataset }: TrackedSymbol, { from, to }: DateRange, columns: number): number {
  const minutes = datesBetween(from, to).reduce((sum, date) => sum + sessionMinutes(dataset, date), 0);
  const timeframes = [ONE_MINUTE, ...DERIVED_TIMEFRAMES];
  return timeframes.find((timeframe) => minutes / timeframe <= columns) ?? timeframes.at(-1) ?? ONE_MINUTE;
}
