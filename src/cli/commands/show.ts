import { parseSymbol, type TrackedSymbol } from "../../core/symbols.ts";
import { timeframesNamed } from "../../core/timeframes.ts";
import { knownSymbolId, knownSymbols } from "../../cache/symbols.ts";
import { chart } from "../../workflows/chart/chart.ts";
import { fittingTimeframe } from "../../workflows/chart/fitting-timeframe.ts";
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
import { notCached, nothingCached } from "../render/show/not-cached.ts";
import { invocationText } from "../render/invocation.ts";
import { isSynthetic } from "../synthetic.ts";
import { showText } from "../render/show/text.ts";
import { requireCache } from "../require-cache.ts";
import { printResult, readInvocation, withReading } from "../run.ts";
import { DEFAULT_COLUMNS } from "../terminal.ts";

/** What the prices beside a chart take, mostly. */
const LABEL_COLUMNS = 10;

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
      description:
        "1m, 5m, 15m, 30m, 1h or 1d; default: the finest whose bars fit the terminal (80 columns with --json)",
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
      const wayToBars = {
        again: invocationText(flags),
        isSynthetic: isSynthetic(dataDir),
        datasetFlag: flags["dataset"] === undefined ? "" : ` --dataset=${symbol.dataset}`,
      };
      const isKnown = knownSymbolId(cache, symbol) !== null;
      if (isKnown && !saysWhen(flags) && lastDayWithBars(cache, symbol) === null)
        throw nothingCached(symbol, wayToBars);
      const range = daysShown(cache, symbol, flags, invocation.today);
      // What a script gets does not hang on the window that it was tried in.
      const columns = flags["json"] === true ? DEFAULT_COLUMNS : io.terminal.columns;
      const room = Math.max(1, columns - LABEL_COLUMNS);
      const timeframeMinutes = timeframe ?? fittingTimeframe(cache, symbol, range, room);
      const shown = chart(cache, { symbol, timeframeMinutes, ...range, nowMs: invocation.nowMs });
      if (shown.withoutBars === "not-cached") throw notCached(shown, wayToBars);
      printResult(flags, io, { command: "show", ...shown }, () =>
        showText(shown, { ...io.terminal, chosen: timeframe === undefined }),
      );
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

function saysWhen(flags: FlagValues): boolean {
  return hasRange(flags) || textFlag(flags, "date") !== undefined;
}

function daysShown(cache: Cache, symbol: TrackedSymbol, flags: FlagValues, today: string): DateRange {
  const date = dateFlag(flags, "date");
  if (date !== undefined && hasRange(flags))
    throw usage("date", "a range is given too", "Give --date, or --days, or --from and --to.");
  if (hasRange(flags)) return rangeFlags(flags, today, 0);
  const last = lastDayWithBars(cache, symbol) ?? today;
  if (date !== undefined) {
    // A day of UTC begins on the evening before, in New York: a coin may have bars of it.
    if (date > today && date > last)
      throw usage("date", `${date} is in the future`, `Today in New York is ${today}.`);
    return { from: date, to: date };
  }
  return { from: last, to: last };
}
