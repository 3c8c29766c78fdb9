/**
 * Everything that `verify` can find, by the name it has in `--json`: the words for it, and what mends it. `{hybrid}`
 * and such stand for the command, narrowed to what was found.
 */
export const FAULT_KINDS = {
  database: {
    words: "SQLite finds the file damaged",
    fix: "Move massive.sqlite away and run hybrid again: kept flat files are read again, other days fetched.",
  },
  "broken-link": {
    words: "Rows name others that are not there",
    fix: "Move massive.sqlite away and run hybrid again: kept flat files are read again, other days fetched.",
  },
  "marked-unread": {
    words: "The day was marked as not read by an earlier --repair, and no run has read it since",
    fix: "Run hybrid over these days: it reads the kept flat file, or fetches the day again.",
  },
  "bar-count": {
    words: "The day has more or fewer bars than were written",
    fix: "verify --repair marks the day as not read; then run hybrid over it.",
  },
  "content-hash": {
    words: "Bars are not what was written: something else has changed the cache",
    fix: "verify --repair marks the day as not read; then run hybrid over it.",
  },
  "session-count": {
    words: "The number of bars in the session is not that of the manifest (status goes by it)",
    fix: "verify --repair counts again.",
  },
  "unknown-file": {
    words: "Nobody knows the flat file that the day was read from",
    fix: "verify --repair marks the day as not read; then run hybrid over it.",
  },
  "orphan-bars": {
    words: "Bars of a day that was never read, by the manifest",
    fix: "verify --repair marks the day as not read; then run hybrid over it.",
  },
  "no-number": {
    words: "A price or volume is not a number",
    fix: "No source gave the cache such a bar: something else has written it. verify --repair marks the day as not read.",
  },
  "negative-volume": {
    words: "Volume or trades below zero",
    fix: "No source gave the cache such a bar: something else has written it. verify --repair marks the day as not read.",
  },
  "high-low": {
    words: "High and low do not enclose open and close",
    fix: "No source gave the cache such a bar: something else has written it. verify --repair marks the day as not read.",
  },
  "part-minute": {
    words: "A bar does not begin on a whole minute",
    fix: "No source gave the cache such a bar: something else has written it. verify --repair marks the day as not read.",
  },
  "wrong-date": {
    words: "A bar's time is not on its day",
    fix: "No source gave the cache such a bar: something else has written it. verify --repair marks the day as not read.",
  },
  "price-not-positive": {
    words: "A price of zero or less",
    fix: "Compare with verify --api; if the vendor has it so, leave the bar out of your work or report it to the vendor.",
  },
  "outside-hours": {
    words: "Bars at hours when this market is closed",
    fix: "Compare with verify --api; if the vendor has it so, leave the bars out of your work or report it to the vendor.",
  },
  "closed-day": {
    words: "Bars on a day without a session",
    fix: "Compare with verify --api; if the vendor has it so, leave the day out of your work or report it to the vendor.",
  },
  jump: {
    words: "A price jumps further than is usual; markets can do that, and wrong prints do",
    fix: "Look at the minute, compare with verify --api; --jump=PERCENT sets the limit, --jump=0 none.",
  },
  "same-bars": {
    words: "Two days have the same bars at the same minutes",
    fix: "One of the two is a copy: compare with verify --api, and report it to the vendor.",
  },
  "same-file": {
    words: "Files of different days are the same file",
    fix: "One of the two is a copy: fetch both with download --overwrite, or report it to the vendor.",
  },
  "file-missing": {
    words: "A flat file that was downloaded is gone from the data directory",
    fix: "Its bars are in the cache. download brings it back, or verify --files --repair notes that it is gone.",
  },
  "file-size": {
    words: "A flat file has another size than was downloaded",
    fix: "download --overwrite --dataset=… --from=… --to=… fetches it again.",
  },
  "file-damaged": {
    words: "A flat file cannot be read to its end",
    fix: "download --overwrite --dataset=… --from=… --to=… fetches it again.",
  },
  "file-changed": {
    words: "A flat file is not the one that was downloaded: its checksum is another",
    fix: "download --overwrite --dataset=… --from=… --to=… fetches it again.",
  },
  "bars-lacking": {
    words: "The flat file has bars that the cache lacks",
    fix: "verify --files --repair marks the day as not read; then run hybrid (or parse) over it.",
  },
  "bars-extra": {
    words: "The cache has bars that the flat file it was read from has not",
    fix: "verify --files --repair marks the day as not read; then run hybrid (or parse) over it.",
  },
  "bars-different": {
    words: "Bars of the cache and of the flat file say different things",
    fix: "verify --files --repair marks the day as not read; then run hybrid (or parse) over it.",
  },
  "minute-twice": {
    words: "Two days' files have a bar of the same minute, and say different things",
    fix: "The cache keeps that of the file it read first. Compare with verify --api, and report it to the vendor.",
  },
  "table-lost": {
    words: "The table is gone or empty, though bars were synced to it",
    fix: "Run sync: it makes the table and brings everything again.",
  },
  "rows-lacking": {
    words: "Postgres lacks bars that were synced to it",
    fix: "verify --target --repair makes these days unsynced; then run sync.",
  },
  "rows-different": {
    words: "Postgres has other values than the cache",
    fix: "verify --target --repair makes these days unsynced; then run sync.",
  },
  "rows-extra": {
    words: "Postgres still has bars that the vendor has taken back",
    fix: "verify --target --repair makes these days unsynced; then run sync.",
  },
  "day-differs": {
    words: "The vendor's day bar is not what the minutes say",
    fix: "Compare the day with verify --api; hybrid --recheck-days=N looks for a corrected file.",
  },
  "minutes-lacking": {
    words: "The vendor has a day bar where the cache has no minutes at all",
    fix: "Compare the day with verify --api; hybrid --recheck-days=N looks for a corrected file.",
  },
  "day-unknown": {
    words: "The cache has minutes of a day of which the vendor has no day bar",
    fix: "Compare the day with verify --api, and report it to the vendor.",
  },
  "api-more": {
    words: "The API has bars that the flat file lacks",
    fix: "hybrid --recheck-days=N looks for a corrected file; report it to the vendor.",
  },
  "api-fewer": {
    words: "The flat file has bars that the API lacks",
    fix: "Report it to the vendor; the cache keeps the flat file's.",
  },
  "api-differs": {
    words: "The API and the flat file say different things",
    fix: "hybrid --recheck-days=N looks for a corrected file; the cache keeps the flat file's until then.",
  },
} as const satisfies Readonly<Record<string, { readonly words: string; readonly fix: string }>>;

export type FaultKind = keyof typeof FAULT_KINDS;
