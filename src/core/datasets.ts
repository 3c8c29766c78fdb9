import { NEW_YORK } from "./dates.ts";

export const DATASETS = ["indices", "stocks", "options", "crypto", "forex"] as const;

/** The vendor's asset classes, as the guide and the command line name them. */
export type Dataset = (typeof DATASETS)[number];

/** Which days a dataset trades: the New York Stock Exchange's, every day, or the forex week. */
export type SessionCalendar = "nyse" | "daily" | "forex";

/** What differs from dataset to dataset. Source: the vendor's flat-file documentation. */
export interface DatasetFacts {
  /** First part of the S3 key: `us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz`. */
  readonly keyPrefix: string;
  /** What every ticker of the dataset starts with, in files and in REST; empty for stocks. */
  readonly tickerPrefix: string;
  readonly sessionCalendar: SessionCalendar;
  /** The time zone whose midnight divides the bars of the REST API into days. */
  readonly dayTimeZone: string;
  /** Whether every minute of a session has a bar; elsewhere bars come with trades. */
  readonly barsEveryMinute: boolean;
  /** First date for which the vendor publishes minute flat files. */
  readonly historyStart: string;
}

export const DATASET_FACTS: Readonly<Record<Dataset, DatasetFacts>> = {
  indices: {
    keyPrefix: "us_indices",
    tickerPrefix: "I:",
    sessionCalendar: "nyse",
    dayTimeZone: NEW_YORK,
    barsEveryMinute: true,
    historyStart: "2023-02-14",
  },
  stocks: {
    keyPrefix: "us_stocks_sip",
    tickerPrefix: "",
    sessionCalendar: "nyse",
    dayTimeZone: NEW_YORK,
    barsEveryMinute: false,
    historyStart: "2003-09-10",
  },
  options: {
    keyPrefix: "us_options_opra",
    tickerPrefix: "O:",
    sessionCalendar: "nyse",
    dayTimeZone: NEW_YORK,
    barsEveryMinute: false,
    historyStart: "2014-06-02",
  },
  crypto: {
    keyPrefix: "global_crypto",
    tickerPrefix: "X:",
    sessionCalendar: "daily",
    dayTimeZone: "UTC",
    barsEveryMinute: false,
    historyStart: "2013-11-04",
  },
  forex: {
    keyPrefix: "global_forex",
    tickerPrefix: "C:",
    sessionCalendar: "forex",
    dayTimeZone: NEW_YORK,
    barsEveryMinute: false,
    historyStart: "2009-09-25",
  },
};

/** Whether `text` is one of the dataset names. */
export function isDataset(text: string): text is Dataset {
  return (DATASETS as readonly string[]).includes(text);
}
