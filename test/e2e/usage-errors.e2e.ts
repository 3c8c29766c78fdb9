import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { expectExit, run } from "../support/binary.ts";
import { filesOf } from "../support/folder.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

/** A command line that is wrong, and what its user is told. */
type WrongLine = readonly [
  commandLine: string,
  told: { readonly operation: string; readonly reason: string; readonly nextStep: string },
];

const LINES: readonly WrongLine[] = [
  [
    "hybrid --symbol=SPX",
    {
      operation: "read the command line of hybrid",
      reason: "--symbol is no flag of this command; did you mean --symbols?",
      nextStep: "See massive-backfill hybrid --help.",
    },
  ],
  [
    "hybrid --frobnicate",
    {
      operation: "read the command line of hybrid",
      reason: "--frobnicate is no flag of this command",
      nextStep: "See massive-backfill hybrid --help.",
    },
  ],
  [
    "hybird --days=5",
    {
      operation: "read the command line",
      reason: 'there is no command "hybird"',
      nextStep: "Did you mean hybrid?",
    },
  ],
  [
    "hybrid SPX",
    {
      operation: "read the command line of hybrid",
      reason: "SPX is not expected here: everything is given by flags",
      nextStep: "See massive-backfill hybrid --help.",
    },
  ],
  [
    "hybrid --symbols=",
    {
      operation: "read the command line of hybrid",
      reason: "--symbols needs a value",
      nextStep: "See massive-backfill hybrid --help.",
    },
  ],
  [
    "hybrid --symbols=,",
    {
      operation: "read --symbols",
      reason: "it names no symbol",
      nextStep: "Write --symbols=SPX,NDX, or leave it out for those the cache tracks.",
    },
  ],
  [
    "hybrid --symbols=SPX --days=soon",
    {
      operation: "read --days",
      reason: '"soon" is not a number of days',
      nextStep: "Write a whole number up to 20000, such as --days=90.",
    },
  ],
  [
    "hybrid --symbols=SPX --from=2024-02-30",
    {
      operation: "read --from",
      reason: '"2024-02-30" is not a date',
      nextStep: "Write it as YYYY-MM-DD, such as 2024-11-22.",
    },
  ],
  [
    "download --dataset=indices --startDate=11/22/2024",
    {
      operation: "read --from",
      reason: '"11/22/2024" is not a date',
      nextStep: "Write it as YYYY-MM-DD, such as 2024-11-22.",
    },
  ],
  [
    "hybrid --symbols=SPX --from=2024-11-22 --to=2024-11-21",
    {
      operation: "read --from",
      reason: "2024-11-22 is after 2024-11-21",
      nextStep: "Give the earlier day as --from.",
    },
  ],
  [
    "hybrid --symbols=SPX --from=2024-11-23 --to=2024-11-24 --today=2024-11-22",
    {
      operation: "read --from",
      reason: "2024-11-23 is in the future",
      nextStep: "Today in New York is 2024-11-22.",
    },
  ],
  [
    "hybrid --symbols=SPX --from=2024-11-22 --days=5",
    {
      operation: "read --days",
      reason: "--from is given too",
      nextStep: "Give --days=N, or --from and --to.",
    },
  ],
  [
    "hybrid --symbols=SPX --dataset=bonds",
    {
      operation: "read --dataset",
      reason: '"bonds" is not a dataset',
      nextStep: "Write one of indices, stocks, options, crypto, forex.",
    },
  ],
  [
    "hybrid --symbols=SPX --today=2999-01-01",
    {
      operation: "read --today",
      reason: "2999-01-01 is in the future",
      nextStep: expect.stringMatching(/^Today in New York is \d{4}-\d{2}-\d{2}\.$/),
    },
  ],
  [
    "sync --days=5",
    {
      operation: "read the command line of sync",
      reason: "--days is no flag of this command",
      nextStep: "See massive-backfill sync --help.",
    },
  ],
];

/** Wrong lines that are told only once the cache was opened, since it may track symbols. */
const SYMBOL_LINES: readonly WrongLine[] = [
  [
    "hybrid --symbols=spx",
    {
      operation: 'read symbol "spx"',
      reason: "tickers are case-sensitive and none is all lower case",
      nextStep: "Did you mean SPX?",
    },
  ],
  [
    "hybrid --symbols=X:BTCUSD",
    {
      operation: 'read symbol "X:BTCUSD"',
      reason: "currency pairs are written with a dash",
      nextStep: "Did you mean X:BTC-USD?",
    },
  ],
  [
    "hybrid --symbols=EURUSD --dataset=forex",
    {
      operation: 'read symbol "C:EURUSD"',
      reason: "currency pairs are written with a dash",
      nextStep: "Did you mean C:EUR-USD?",
    },
  ],
  [
    "hybrid --symbols=I:SPX --dataset=stocks",
    {
      operation: 'read symbol "I:SPX"',
      reason: "its prefix says indices, --dataset says stocks",
      nextStep: "Leave out --dataset, or write --dataset=indices.",
    },
  ],
  [
    "hybrid --symbols=*",
    {
      operation: 'read symbol "*"',
      reason: "every ticker of which dataset?",
      nextStep: "Add --dataset=indices (or stocks, options, crypto, forex).",
    },
  ],
  [
    "hybrid",
    {
      operation: "choose the symbols",
      reason: "none were given, and this cache tracks none yet",
      nextStep: "Name them: --symbols=SPX,NDX (later runs remember them), or set MASSIVE_SYMBOLS.",
    },
  ],
  [
    "parse --file=day.csv --symbols=SPX",
    {
      operation: "read day.csv",
      reason: "its name does not say which day it is of",
      nextStep: "Give it: --date=YYYY-MM-DD.",
    },
  ],
  [
    "parse --file=us_indices/day_aggs_v1/2024/11/2024-11-22.csv.gz --symbols=SPX",
    {
      operation: "read us_indices/day_aggs_v1/2024/11/2024-11-22.csv.gz",
      reason: "by its name it holds day bars, and this cache keeps 1-minute bars",
      nextStep: "Take the file of the same day from minute_aggs_v1.",
    },
  ],
  [
    "parse --file=2024-11-22.csv --symbols=SPX,AAPL",
    {
      operation: "read 2024-11-22.csv",
      reason: "one file is of one dataset, the symbols are of indices and stocks",
      nextStep: "Say which: --dataset=indices (or stocks, options, crypto, forex).",
    },
  ],
];

async function expectTold(line: string, told: WrongLine[1], cwd: string): Promise<void> {
  const outcome = await run(line.split(" "), { cwd });
  expectExit(outcome, 2);
  expect(outcome.stdout).toBe("");
  const words = /^\[error\] (.*)\n {2}→ (.*)\n {2}More: massive-backfill help command-line\n$/.exec(
    outcome.stderr,
  );
  expect([words?.[1], words?.[2]]).toEqual([`${told.operation}: ${told.reason}`, told.nextStep]);

  const json = await run([...line.split(" "), "--json"], { cwd });
  expectExit(json, 2);
  const error = { kind: "usage", ...told, help: "command-line" };
  expect(json.json()).toEqual({ schemaVersion: 1, command: line.split(" ")[0], error });
}

describe("a wrong command line is explained, ends with 2 and touches nothing:", () => {
  test.each(LINES)("%s", async (line, told) => {
    using dir = tempDir();
    await expectTold(line, told, dir.path);
    expect(filesOf(dir.path)).toEqual({});
  });
});

describe("symbols that cannot be are explained and end with 2:", () => {
  test.each(SYMBOL_LINES)("%s", async (line, told) => {
    using dir = tempDir();
    await expectTold(line, told, dir.path);
  });
});
