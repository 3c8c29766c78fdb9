/** What can be done about a fault; `none`: nothing by a command of ours. */
export type Remedy =
  | "read again"
  | "recount"
  | "make again"
  | "send again"
  | "run hybrid"
  | "sync"
  | "download"
  | "look for a corrected file"
  | "none";

interface FaultFacts {
  readonly words: string;
  /** A sentence about what mends it. */
  readonly fix: string;
  readonly remedy: Remedy;
}

/** Everything that `verify` can find, by the name it has in `--json`. */
export const FAULT_KINDS = {
  database: {
    words: "SQLite finds the file damaged",
    fix: "Move massive.sqlite away and run hybrid again: kept flat files are read again, other days fetched.",
    remedy: "none",
  },
  "broken-link": {
    words: "Rows name others that are not there",
    fix: "Move massive.sqlite away and run hybrid again: kept flat files are read again, other days fetched.",
    remedy: "none",
  },
  "marked-unread": {
    words: "The day was marked as not read by an earlier --repair, and no run has read it since",
    fix: "The next hybrid over these days reads them again.",
    remedy: "run hybrid",
  },
  "bar-count": {
    words: "The day has more or fewer bars than were written",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "content-hash": {
    words: "Bars are not what was written: something else has changed the cache",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "session-count": {
    words: "The number of bars in the session is not that of the manifest (status goes by it)",
    fix: "--repair counts again.",
    remedy: "recount",
  },
  summary: {
    words: "The summary of the day is not what the manifest says (status goes by it)",
    fix: "--repair counts again.",
    remedy: "recount",
  },
  "unknown-file": {
    words: "Nobody knows the flat file that the day was read from",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "derived-differs": {
    words: "Coarser bars are not what their minutes make",
    fix: "With --repair the next hybrid or aggregate makes them again.",
    remedy: "make again",
  },
  "orphan-bars": {
    words: "Bars of a day that was never read, by the manifest",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "no-number": {
    words: "A price or volume is not a number",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "negative-volume": {
    words: "Volume or trades below zero",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "high-low": {
    words: "High and low do not enclose open and close",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "part-minute": {
    words: "A bar does not begin on a whole minute",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "wrong-date": {
    words: "A bar's time is not on its day",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "price-not-positive": {
    words: "A price of zero or less",
    fix: "Compare with verify --api; if the vendor has it so, leave the bar out of your work or report it to the vendor.",
    remedy: "none",
  },
  "outside-hours": {
    words: "Bars at hours when this market is closed",
    fix: "Compare with verify --api; if the vendor has it so, leave the bars out of your work or report it to the vendor.",
    remedy: "none",
  },
  "closed-day": {
    words: "Bars on a day without a session",
    fix: "Compare with verify --api; if the vendor has it so, leave the day out of your work or report it to the vendor.",
    remedy: "none",
  },
  jump: {
    words: "A price jumps further than is usual; markets can do that, and wrong prints do",
    fix: "Look at the minute, compare with verify --api; --jump=PERCENT sets the limit, --jump=0 none.",
    remedy: "none",
  },
  "same-bars": {
    words: "Two days have the same bars at the same minutes",
    fix: "One of the two is a copy: compare with verify --api, and report it to the vendor.",
    remedy: "none",
  },
  "same-file": {
    words: "Files of different days are the same file",
    fix: "One of the two is a copy: fetch both again, or report it to the vendor.",
    remedy: "download",
  },
  "file-missing": {
    words: "A flat file that was downloaded is gone from the data directory",
    fix: "Its bars are in the cache. Fetch it again, or let verify --files --repair note that it is gone.",
    remedy: "download",
  },
  "file-size": {
    words: "A flat file has another size than was downloaded",
    fix: "Fetch the file again.",
    remedy: "download",
  },
  "file-damaged": {
    words: "A flat file cannot be read to its end",
    fix: "Fetch the file again.",
    remedy: "download",
  },
  "file-changed": {
    words: "A flat file is not the one that was downloaded: its checksum is another",
    fix: "Fetch the file again.",
    remedy: "download",
  },
  "bars-lacking": {
    words: "The flat file has bars that the cache lacks",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "bars-extra": {
    words: "The cache has bars that the flat file it was read from has not",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "bars-different": {
    words: "Bars of the cache and of the flat file say different things",
    fix: "With --repair the day counts as not read, so that the next hybrid reads it again.",
    remedy: "read again",
  },
  "minute-twice": {
    words: "Two days' files have a bar of the same minute, and say different things",
    fix: "The cache keeps that of the file it read first. Compare with verify --api, and report it to the vendor.",
    remedy: "none",
  },
  "table-lost": {
    words: "The table is gone or empty, though bars were synced to it",
    fix: "sync makes the table and brings everything again.",
    remedy: "sync",
  },
  "rows-lacking": {
    words: "Postgres lacks bars that were synced to it",
    fix: "With --repair these days count as not synced, so that the next sync brings them.",
    remedy: "send again",
  },
  "rows-different": {
    words: "Postgres has other values than the cache",
    fix: "With --repair these days count as not synced, so that the next sync brings them.",
    remedy: "send again",
  },
  "rows-extra": {
    words: "Postgres still has bars that the vendor has taken back",
    fix: "With --repair these days count as not synced, so that the next sync brings them.",
    remedy: "send again",
  },
  "day-differs": {
    words: "The vendor's day bar is not what the minutes say",
    fix: "The vendor may have published a corrected file; if not, report it there.",
    remedy: "look for a corrected file",
  },
  "minutes-lacking": {
    words: "The vendor has a day bar where the cache has no minutes at all",
    fix: "The vendor may have published a corrected file; if not, report it there.",
    remedy: "look for a corrected file",
  },
  "day-unknown": {
    words: "The cache has minutes of a day of which the vendor has no day bar",
    fix: "Compare the day with verify --api, and report it to the vendor.",
    remedy: "none",
  },
  "api-more": {
    words: "The API has bars that the flat file lacks",
    fix: "The vendor may have published a corrected file; if not, report it there.",
    remedy: "look for a corrected file",
  },
  "api-fewer": {
    words: "The flat file has bars that the API lacks",
    fix: "Report it to the vendor; the cache keeps the flat file's.",
    remedy: "none",
  },
  "api-differs": {
    words: "The API and the flat file say different things",
    fix: "The vendor may have published a corrected file; if not, report it there.",
    remedy: "look for a corrected file",
  },
} as const satisfies Readonly<Record<string, FaultFacts>>;

export type FaultKind = keyof typeof FAULT_KINDS;
