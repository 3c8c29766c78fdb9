/**
 * How the cache's tables came to be, one step after the other; `PRAGMA user_version` says how many were taken.
 * A step that has been released is never changed: add another one.
 */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: "bars, manifest, outbox",
    sql: `
-- The vendor's tickers and the names they have in historical_bars.
CREATE TABLE symbols (
  id      INTEGER PRIMARY KEY,
  dataset TEXT NOT NULL,
  ticker  TEXT NOT NULL,
  symbol  TEXT NOT NULL UNIQUE,
  UNIQUE (dataset, ticker)
) STRICT;

-- What runs without --symbols keep up to date; the ticker '*' stands for every ticker of the dataset.
CREATE TABLE tracked (
  dataset  TEXT NOT NULL,
  ticker   TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (dataset, ticker)
) STRICT, WITHOUT ROWID;

-- epoch_day is the date (days since 1970-01-01) of the batch that a bar belongs to.
CREATE TABLE bars (
  symbol_id         INTEGER NOT NULL REFERENCES symbols (id),
  timeframe_minutes INTEGER NOT NULL,
  window_start_ms   INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  open              REAL NOT NULL,
  high              REAL NOT NULL,
  low               REAL NOT NULL,
  close             REAL NOT NULL,
  volume            REAL,
  vwap              REAL,
  transactions      INTEGER,
  PRIMARY KEY (symbol_id, timeframe_minutes, window_start_ms)
) STRICT, WITHOUT ROWID;

-- One published version of a day's flat file: what is on disk and what was read from it.
CREATE TABLE flat_files (
  id                INTEGER PRIMARY KEY,
  dataset           TEXT NOT NULL,
  timeframe_minutes INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  key               TEXT NOT NULL,
  etag              TEXT NOT NULL,
  size_bytes        INTEGER NOT NULL,
  last_modified_ms  INTEGER,
  downloaded_at_ms  INTEGER,
  read_at_ms        INTEGER,
  all_tickers_read  INTEGER NOT NULL DEFAULT 0,
  UNIQUE (dataset, timeframe_minutes, epoch_day, etag)
) STRICT;

-- Rows of a flat file that are no bar of its day: a bounded sample, so that one can look at them.
CREATE TABLE rejected_rows (
  flat_file_id INTEGER NOT NULL REFERENCES flat_files (id),
  reason       TEXT NOT NULL,
  text         TEXT NOT NULL,
  PRIMARY KEY (flat_file_id, reason, text)
) STRICT, WITHOUT ROWID;

-- The manifest: the bars of one symbol on one date, written by one source at one revision.
CREATE TABLE batches (
  symbol_id         INTEGER NOT NULL REFERENCES symbols (id),
  timeframe_minutes INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  source            TEXT NOT NULL CHECK (source IN ('flatfile', 'api', 'derived')),
  flat_file_id      INTEGER REFERENCES flat_files (id),
  revision          INTEGER NOT NULL,
  content_hash      TEXT NOT NULL,
  bar_count         INTEGER NOT NULL,
  session_bar_count INTEGER NOT NULL,
  read_at_ms        INTEGER NOT NULL,
  changed_at_ms     INTEGER NOT NULL,
  PRIMARY KEY (symbol_id, timeframe_minutes, epoch_day)
) STRICT, WITHOUT ROWID;

-- Why a day is not there; '' as ticker means every ticker of the dataset.
CREATE TABLE day_problems (
  dataset           TEXT NOT NULL,
  ticker            TEXT NOT NULL,
  timeframe_minutes INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  state             TEXT NOT NULL CHECK (state IN ('denied', 'failed', 'pending')),
  step              TEXT NOT NULL,
  error             TEXT NOT NULL,
  hint              TEXT NOT NULL,
  seen_at_ms        INTEGER NOT NULL,
  PRIMARY KEY (dataset, ticker, timeframe_minutes, epoch_day)
) STRICT, WITHOUT ROWID;

-- The outbox: which revision of a batch a target was sent, and which it is known to have.
CREATE TABLE targets (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,
  last_error    TEXT,
  last_error_ms INTEGER
) STRICT;

CREATE TABLE deliveries (
  target_id         INTEGER NOT NULL REFERENCES targets (id),
  symbol_id         INTEGER NOT NULL,
  timeframe_minutes INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  sent_revision     INTEGER NOT NULL,
  synced_revision   INTEGER,
  synced_at_ms      INTEGER,
  PRIMARY KEY (target_id, symbol_id, timeframe_minutes, epoch_day)
) STRICT, WITHOUT ROWID;

-- Bars that left the cache after they were sent to a target, which has to forget them too.
CREATE TABLE removed_bars (
  target_id         INTEGER NOT NULL REFERENCES targets (id),
  symbol_id         INTEGER NOT NULL,
  timeframe_minutes INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  window_start_ms   INTEGER NOT NULL,
  PRIMARY KEY (target_id, symbol_id, timeframe_minutes, epoch_day, window_start_ms)
) STRICT, WITHOUT ROWID;

-- For people: the bars with the columns of the Postgres table, and the manifest with readable dates.
CREATE VIEW historical_bars AS
SELECT s.symbol,
       CASE WHEN b.timeframe_minutes % 1440 = 0 THEN (b.timeframe_minutes / 1440) || 'd'
            WHEN b.timeframe_minutes % 60 = 0 THEN (b.timeframe_minutes / 60) || 'h'
            ELSE b.timeframe_minutes || 'm' END AS timeframe,
       b.window_start_ms AS timestamp,
       b.open, b.high, b.low, b.close, b.volume, b.vwap, b.transactions AS trades
FROM bars b JOIN symbols s ON s.id = b.symbol_id;

CREATE VIEW manifest AS
SELECT s.symbol, s.dataset, s.ticker, b.timeframe_minutes, date(b.epoch_day * 86400, 'unixepoch') AS date,
       b.source, b.bar_count AS bars, b.revision, f.key AS file_key, f.etag AS file_etag,
       datetime(b.read_at_ms / 1000, 'unixepoch') AS read_at
FROM batches b JOIN symbols s ON s.id = b.symbol_id LEFT JOIN flat_files f ON f.id = b.flat_file_id;
`,
  },
  {
    name: "line numbers of rejected rows",
    sql: `
ALTER TABLE rejected_rows RENAME TO rejected_rows_without_lines;

-- Rows of a flat file that are no bar of its day: a bounded sample, so that one can look at them.
CREATE TABLE rejected_rows (
  flat_file_id INTEGER NOT NULL REFERENCES flat_files (id),
  line_number  INTEGER,
  reason       TEXT NOT NULL,
  text         TEXT NOT NULL,
  UNIQUE (flat_file_id, line_number)
) STRICT;

INSERT INTO rejected_rows (flat_file_id, reason, text)
SELECT flat_file_id, reason, text FROM rejected_rows_without_lines;

DROP TABLE rejected_rows_without_lines;
`,
  },
  {
    name: "since when a bar is there, and removals that targets have made",
    sql: `
-- The revision of its batch with which a bar came: a target that was sent an earlier one never had it.
ALTER TABLE bars ADD COLUMN added_revision INTEGER NOT NULL DEFAULT 1;

-- Whether the target is known to have forgotten the bar: one that was restored from a backup has it again.
ALTER TABLE removed_bars ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0;
`,
  },
  {
    name: "entitlements, runs, delayed answers",
    sql: `
-- What the vendor let us fetch and what it refused, and when that was seen. '' as ticker means the whole dataset.
-- Up to refused_to_day it was refused, from allowed_from_day on it was allowed; nothing is known of days between.
CREATE TABLE entitlements (
  source           TEXT NOT NULL CHECK (source IN ('flatfile', 'api')),
  dataset          TEXT NOT NULL,
  ticker           TEXT NOT NULL,
  refused_to_day   INTEGER,
  allowed_from_day INTEGER,
  sentence         TEXT,
  seen_at_ms       INTEGER NOT NULL,
  PRIMARY KEY (source, dataset, ticker)
) STRICT, WITHOUT ROWID;

-- Each run: how long its steps took for how much. The next runs estimate their time from it.
CREATE TABLE runs (
  id               INTEGER PRIMARY KEY,
  command          TEXT NOT NULL,
  started_at_ms    INTEGER NOT NULL,
  ended_at_ms      INTEGER,
  error            TEXT,
  downloaded_bytes INTEGER NOT NULL DEFAULT 0,
  read_bytes       INTEGER NOT NULL DEFAULT 0,
  files_ms         INTEGER NOT NULL DEFAULT 0,
  requests         INTEGER NOT NULL DEFAULT 0,
  api_ms           INTEGER NOT NULL DEFAULT 0,
  bars_cached      INTEGER NOT NULL DEFAULT 0,
  bars_synced      INTEGER NOT NULL DEFAULT 0,
  sync_ms          INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Whether the answer came from a plan whose data is 15 minutes late.
ALTER TABLE batches ADD COLUMN is_delayed INTEGER NOT NULL DEFAULT 0;
`,
  },
  {
    name: "holes of sessions, summaries, numbered changes, announced days",
    sql: `
-- Runs of minutes of the session that have no bar, counted from its open: '[[15,29],[389,389]]'. NULL: none, or one
-- has to look at the bars (written before this column was there, or of a dataset whose bars come with trades).
ALTER TABLE batches ADD COLUMN session_holes TEXT;

-- What the coverage needs of a batch in four characters, so that millions of days are read as text: the date, the bars and
-- the bars of the session (each one more, since 0 ends a text), and 1 + (from the API) + 2 (derived) + 4 (delayed).
ALTER TABLE batches ADD COLUMN summary TEXT;
UPDATE batches SET summary = char(epoch_day, (bar_count & 32767) + 1, (session_bar_count & 32767) + 1,
  1 + (source = 'api') + 2 * (source = 'derived') + 4 * is_delayed);
CREATE TRIGGER summary_of_new_batch AFTER INSERT ON batches BEGIN
  UPDATE batches SET summary = char(epoch_day, (bar_count & 32767) + 1, (session_bar_count & 32767) + 1,
    1 + (source = 'api') + 2 * (source = 'derived') + 4 * is_delayed)
  WHERE symbol_id = new.symbol_id AND timeframe_minutes = new.timeframe_minutes AND epoch_day = new.epoch_day;
END;
CREATE TRIGGER summary_of_changed_batch AFTER UPDATE OF bar_count, session_bar_count, source, is_delayed ON batches BEGIN
  UPDATE batches SET summary = char(epoch_day, (bar_count & 32767) + 1, (session_bar_count & 32767) + 1,
    1 + (source = 'api') + 2 * (source = 'derived') + 4 * is_delayed)
  WHERE symbol_id = new.symbol_id AND timeframe_minutes = new.timeframe_minutes AND epoch_day = new.epoch_day;
END;

-- Counts the changes of content in the whole cache, so that what is new since a sync is found without looking at the
-- rest. Every batch up to synced_to_change is known to be in the target.
ALTER TABLE batches ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE targets ADD COLUMN synced_to_change INTEGER NOT NULL DEFAULT -1;
CREATE INDEX batches_by_change ON batches (change_number);

-- Days on which the exchange was announced to close (close IS NULL), or to close early, and that no rule gives.
CREATE TABLE announced_days (
  date       TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  close      TEXT,
  seen_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: "coarser bars, what they are made from, and progress of runs",
    sql: `
-- The timeframes that runs keep up to date beside the minutes, and which minutes of a day count for them.
CREATE TABLE timeframes (
  timeframe_minutes INTEGER PRIMARY KEY,
  session           TEXT NOT NULL CHECK (session IN ('regular', 'all')),
  since_ms          INTEGER NOT NULL
) STRICT;

-- From which minutes a batch with the source 'derived' was made: it is made again when they are others. Starts of its bars
-- that lack minutes are a JSON array of epoch ms; NULL: none. A bar whose minutes come from the API is provisional.
CREATE TABLE derivations (
  symbol_id         INTEGER NOT NULL REFERENCES symbols (id),
  timeframe_minutes INTEGER NOT NULL,
  epoch_day         INTEGER NOT NULL,
  session           TEXT NOT NULL,
  minutes_revision  INTEGER NOT NULL,
  minutes_read_at_ms INTEGER NOT NULL,
  is_provisional    INTEGER NOT NULL,
  incomplete_bars   TEXT,
  PRIMARY KEY (symbol_id, timeframe_minutes, epoch_day)
) STRICT, WITHOUT ROWID;

-- How far a run has come, for whoever looks at it from outside: what it does, how much is done, and of how much.
ALTER TABLE runs ADD COLUMN step TEXT;
ALTER TABLE runs ADD COLUMN step_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN step_total INTEGER;

DROP VIEW manifest;
CREATE VIEW manifest AS
SELECT s.symbol, s.dataset, s.ticker, b.timeframe_minutes, date(b.epoch_day * 86400, 'unixepoch') AS date,
       b.source, b.bar_count AS bars, b.revision, coalesce(d.is_provisional, b.source = 'api') AS is_provisional,
       coalesce(json_array_length(d.incomplete_bars), 0) AS incomplete_bars, d.session,
       f.key AS file_key, f.etag AS file_etag, datetime(b.read_at_ms / 1000, 'unixepoch') AS read_at
FROM batches b JOIN symbols s ON s.id = b.symbol_id LEFT JOIN flat_files f ON f.id = b.flat_file_id
  LEFT JOIN derivations d ON d.symbol_id = b.symbol_id AND d.timeframe_minutes = b.timeframe_minutes
    AND d.epoch_day = b.epoch_day;
`,
  },
  {
    name: "units of progress",
    sql: `
-- What step_done and step_total count: bytes, files, bars, minutes, requests.
ALTER TABLE runs ADD COLUMN step_unit TEXT;
`,
  },
];
