import type { HelpTopic } from "../../core/help-topics.ts";

/** A page about one trouble. Texts hold `code` in backticks. */
export interface TopicPage {
  readonly title: string;
  /** How it shows. */
  readonly seen: string;
  /** Why it is so and what to do, paragraph by paragraph. */
  readonly text: readonly string[];
  /** Commands that help, each with what it does. */
  readonly commands: readonly (readonly [command: string, does: string])[];
}

export const TOPIC_PAGES: Readonly<Record<HelpTopic, TopicPage>> = {
  "command-line": {
    title: "The command line is not understood",
    seen: 'exit code 2, `read --from: "2024-02-30" is not a date`, `is no flag of this command`',
    text: [
      "Nothing was done: flags are checked before anything is read or written. The message names the flag and what would be right. Values stand after `=`, dates are written YYYY-MM-DD, lists have commas: `--symbols=SPX,NDX`. In a shell put `'*'` in quotes.",
      "A bare name is an index if it is a well-known one (SPX, NDX, VIX, …), else a stock; `I:`, `X:`, `C:` and `O:` before a name say that it is an index, crypto, forex or an option.",
    ],
    commands: [["massive-backfill hybrid --help", "every flag of a command, with examples"]],
  },
  settings: {
    title: "Settings are missing or wrong",
    seen: "exit code 3, `neither S3 keys nor an API key are set`, `MASSIVE_AWS_ACCESS_KEY is set but MASSIVE_AWS_SECRET_KEY is not`",
    text: [
      "Settings come from flags, then the environment, then `.env.local`, then `.env`, both in the folder you are in when you start the program (not beside the binary, not in the data directory). A line is `NAME=value`; a value with blanks, `#` or `$` goes in single quotes.",
      "`MASSIVE_AWS_ACCESS_KEY` and `MASSIVE_AWS_SECRET_KEY` are on the Flat Files page of the Massive dashboard, `MASSIVE_API_KEY` on its API Keys page. One kind alone is enough to begin with. `DATABASE_URL` is optional: without it all bars are in the cache. Keep the file to yourself: `chmod 600 .env.local`.",
    ],
    commands: [
      ["massive-backfill doctor", "every setting, where it came from, and whether it works"],
      ["massive-backfill demo", "try it without any setting"],
    ],
  },
  "s3-keys": {
    title: "S3 authentication error",
    seen: "exit code 3, `the S3 access key or its secret is not right (HTTP 403 InvalidAccessKeyId)`, `SignatureDoesNotMatch`",
    text: [
      "The flat files have keys of their own: neither the API key nor keys of Amazon work. Copy both again from the Flat Files page of the Massive dashboard, without blanks or quotes at the ends; a new secret makes the old one void at once. `InvalidAccessKeyId` is about the first of the pair, `SignatureDoesNotMatch` about the second.",
      "`AccessDenied` with keys that are right means that the plan does not include the file, or that too many requests came in a short time: both are told apart and said as such. Leave `MASSIVE_S3_ENDPOINT`, `MASSIVE_S3_BUCKET` and `MASSIVE_S3_REGION` unset unless you know better.",
    ],
    commands: [["massive-backfill doctor", "tries the keys with one listing and one byte of each dataset"]],
  },
  "api-key": {
    title: "The API key is refused or not set",
    seen: "exit code 3, `the API key is not accepted (HTTP 401)`, `MASSIVE_API_KEY is not set`",
    text: [
      "Copy the key again from the API Keys page of the Massive dashboard into `.env.local`. Without one, days come when their flat file is published, at about 11:00 New York time on the next day.",
    ],
    commands: [["massive-backfill doctor", "tries the key with one request"]],
  },
  plan: {
    title: "Your plan does not include it",
    seen: "exit code 3, days `denied` in `status`, `the subscription does not include this flat file`, HTTP 403 NOT_AUTHORIZED",
    text: [
      "Plans have some asset classes and a depth of history; indices are entitled one by one. What the vendor refuses is remembered and not asked for again for a week, everything else is fetched. What the other source may have is taken from there: with both kinds of keys, days refused as flat files come by API where its plan has them.",
      "Ask for less history (`--days` or `--from`), leave the symbol out, or change the plan; after a change ask again at once.",
    ],
    commands: [
      ["massive-backfill status", "what is refused, since when, and in the vendor's words"],
      ["massive-backfill hybrid --recheck-entitlements", "after a change of plan: ask again now"],
    ],
  },
  clock: {
    title: "This computer's clock is wrong",
    seen: "exit code 3, `this computer's clock is more than 15 minutes off`, `RequestTimeTooSkewed`",
    text: [
      'Every S3 request is signed with the time, and the vendor refuses those that are more than a quarter of an hour off. Turn on automatic time; virtual machines and WSL fall behind when the laptop sleeps. What is "today" depends on the clock too, so days may be asked for that are not over yet.',
    ],
    commands: [
      ["timedatectl set-ntp true", "Linux"],
      ["sudo sntp -sS time.apple.com", "macOS"],
      ["w32tm /resync", "Windows, as administrator"],
      ["massive-backfill doctor", "how far the clock is off"],
    ],
  },
  network: {
    title: "The vendor cannot be read",
    seen: "exit code 4, `the S3 server cannot be reached`, `too many requests in a short time`, HTTP 429, 500, 503, `no trusted connection`, `not an answer of the S3 server we know`",
    text: [
      "Passing failures are tried again by themselves, more slowly each time; what was finished is kept, and a file that was begun goes on where it was. Days that failed are told at the end, and the same command fetches just those.",
      "If it stays: a proxy, a firewall or the login page of a Wi-Fi answers in the vendor's place (`not an answer of …`, `no trusted connection`); `MASSIVE_S3_ENDPOINT` or `MASSIVE_API_URL` names another server; or the line is overloaded: fewer connections (`--connections=4`) or a lower rate (`--max-rate=5MB/s`) help. Of Basic plans the API takes five requests a minute: `--rpm=5` keeps to that from the start.",
    ],
    commands: [["massive-backfill doctor", "whether both servers answer, and how"]],
  },
  "no-file": {
    title: "Files not found: weekends, holidays, late files",
    seen: "`the vendor has no such file`, `the vendor lists no flat file for this session`, `NoSuchKey`, days `closed` or `pending` in `status`",
    text: [
      "There is a flat file for each trading day, none for weekends and holidays of stocks, options and indices: such days are never asked for and count as closed. Crypto trades every day.",
      "A day's file is published at about 11:00 New York time on the next day. Until then the day is pending, or its bars come by API and count as provisional; the next `hybrid` replaces them. A file that is late is waited for with `hybrid --wait`, and fetched by any later run; its day counts as missing, and so as a gap, once the file is a week overdue (`doctor` tells of it on the first day).",
    ],
    commands: [
      ["massive-backfill status --gaps", "each day that should be there and is not, with its cause"],
      [
        "massive-backfill hybrid --source=api --from=2024-11-22 --to=2024-11-22",
        "fetch a day that was never published by API",
      ],
    ],
  },
  "bad-rows": {
    title: "Errors in a CSV file",
    seen: "exit code 4, `… of … wanted rows are bad`, `the gzip file is cut or corrupt`, `there are none, only a header`",
    text: [
      "Rows that cannot be bars (no number, no minute, a high below the low, negative prices) are left out, counted in the summary and kept for you to see in the table `rejected_rows` of the cache. A file of which too much is bad, or whose header or compression is broken, is not read at all: the day counts as failed and what the cache had of it stays.",
      "A file that was cut or edited on this machine is found by its size and checksum: delete it, and `hybrid` fetches it again. Is it bad as it comes from the vendor, the API has the day.",
    ],
    commands: [
      ["massive-backfill verify --files", "check the kept flat files against what the vendor listed"],
      [
        "sqlite3 data/massive.sqlite 'SELECT * FROM rejected_rows LIMIT 20'",
        "look at rows that were left out",
      ],
      ["gzip -t data/flat-files/indices/2024-11-22.csv.gz", "is the compression of a file whole?"],
    ],
  },
  cache: {
    title: "The cache cannot be opened or written",
    seen: "exit code 4, `open the cache …`, `not a database`, `malformed`, `written by a newer version`, `Permission denied`, `read-only`",
    text: [
      "The cache is `massive.sqlite` in the data directory, with `-wal` and `-shm` beside it while it is in use: the three belong together, so copy or move them only while nothing runs. Do not keep them on a network drive. The data directory must be yours and writable, for `status` too.",
      "Is the file damaged, move it away and run `hybrid` again: flat files that are still there are read without being fetched again, and nothing is lost that the vendor has. A cache of a newer version needs that version of the program.",
    ],
    commands: [
      ["massive-backfill doctor", "whether the folder and the cache can be used"],
      ["massive-backfill verify", "whether everything in it is as it was written"],
      [
        "mkdir data/damaged && mv data/massive.sqlite* data/damaged && massive-backfill hybrid --symbols=SPX,NDX --days=90",
        "begin a new cache from the kept files",
      ],
    ],
  },
  disk: {
    title: "The disk is full",
    seen: "exit code 4, `the disk is full`, `the disk has … free, and about … are needed`, `database or disk is full`",
    text: [
      "Nothing that was finished is lost: days are written whole or not at all. Make room and run the same command again. Flat files are the large part: 100 to 150 MB a day of indices, of which a symbol takes about 25 kB in the cache.",
    ],
    commands: [
      [
        "massive-backfill prune --dry-run",
        "which flat files are read and no longer needed, and how much that frees",
      ],
      ["massive-backfill hybrid --days=90 --no-keep", "delete each file once it is read"],
      ["massive-backfill hybrid --days=90 --dry-run", "how much a run would fetch"],
    ],
  },
  locked: {
    title: "Another run is at work",
    seen: "exit code 7, `another run is at work there`",
    text: [
      "One run at a time writes into a data directory; the message names its command, its process and since when it runs. Wait for it, or stop it (Ctrl-C there, or `kill` with that number: all finished days are kept). `status` and `verify` work beside it. The lock of a run that crashed is recognized and taken over by itself.",
    ],
    commands: [["massive-backfill doctor", "who holds the lock"]],
  },
  postgres: {
    title: "Postgres cannot be reached or refuses the login",
    seen: "exit code 3 or 5, `nothing listens there`, `password authentication failed`, `the connection broke`, `no database is set`",
    text: [
      "All bars are safe in the cache and go on from there: `sync` brings what the database lacks as soon as it answers. Check host, port, user, password and database of `DATABASE_URL`; in the password `@`, `:`, `/`, `?`, `#` and `%` are written `%40`, `%3A`, `%2F`, `%3F`, `%23`, `%25`.",
      "Hosted databases want encryption: `?sslmode=require` at the end of the URL, or `sslmode=verify-full&sslrootcert=FILE` to check who answers. Supabase: take the connection string that its dashboard shows under Connect; the pooler (port 6543) works.",
    ],
    commands: [
      ["massive-backfill doctor", "connection, encryption, rights and the table"],
      ["massive-backfill sync", "bring everything that is unsynced"],
    ],
  },
  "postgres-table": {
    title: "The table cannot take the bars",
    seen: "exit code 5, `permission denied`, `has no primary key`, `column … is missing`, `a trigger of the table leaves … out`",
    text: [
      "The table is examined before the first row is sent. What keeps bars from being written is told together with the SQL that mends it; run that as the table's owner, or take another table with `--table`. A table that is not there is made, if the user may.",
    ],
    commands: [
      ["massive-backfill doctor", "examine the table without writing to it"],
      ["massive-backfill sync --table=research.bars", "take another table"],
    ],
  },
  "slow-inserts": {
    title: "Slow inserts into Postgres",
    seen: "`sync` brings fewer than some ten thousand rows a second",
    text: [
      "Rows go by COPY, about 300,000 a second into a database on the same machine, and nothing is sent twice. When it is much slower: the database is far away (the line counts: about 60 bytes a bar), the table has more indexes than its primary key, triggers or foreign keys, or another session holds a lock.",
      "For years of history make further indexes after the first sync. On a large first sync `--batch-rows=200000` helps a distant database, a smaller number one that limits how long a statement may take. Bars that changed cost more than new ones: Postgres writes the row and its index entry anew.",
    ],
    commands: [["massive-backfill sync --dry-run", "how many batches and bars are to go"]],
  },
  gaps: {
    title: "Gaps, or faults that verify finds",
    seen: "exit code 6, days `missing`, `partial` or `failed` in `status`",
    text: [
      "`status --gaps` names each gap, its cause and the command that fills it. `verify` tells each fault with both numbers and what mends it; with `--repair`, days of the cache that are not as they were written are read again by the next `hybrid`, and days that Postgres has otherwise are sent again by the next `sync`.",
    ],
    commands: [
      ["massive-backfill status --gaps", "gaps, causes, commands"],
      ["massive-backfill verify --repair", "mark what is wrong to be read or sent again"],
    ],
  },
  interrupted: {
    title: "Interrupted",
    seen: "exit code 130, `stopped on request`",
    text: [
      "Ctrl-C and SIGTERM end a run within about a second; a second Ctrl-C ends it at once. Either way, and after a crash or a power cut too, finished days are in the cache, no day is half there, and the same command goes on, inside a file that was begun as well.",
    ],
    commands: [],
  },
  bug: {
    title: "A bug of ours",
    seen: "exit code 1, `This is a bug`",
    text: [
      "Please report it with the output of the same command with `--verbose` and of `massive-backfill --version`. Neither shows keys or passwords. What was in the cache is still there; days are written whole or not at all.",
    ],
    commands: [["massive-backfill verify", "whether the cache is as it should be"]],
  },
};
